/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* clang-format off */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fpr

#if !defined(FPR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define FPR_TRACE_H

#include <linux/tracepoint.h>

#include "fpr_mac.h"
#include "fpr_xfer.h"

TRACE_EVENT(fpr_bo_create,
	    TP_PROTO(struct fpr_device *fdev, u32 handle, u64 size, u32 placement, int ret),
	    TP_ARGS(fdev, handle, size, placement, ret),
	    TP_STRUCT__entry(__string(dev, dev_name(&fdev->pdev->dev))
			     __field(u32, handle)
			     __field(u64, size)
			     __field(u32, placement)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->handle = handle;
			   __entry->size = size;
			   __entry->placement = placement;
			   __entry->ret = ret;),
	    TP_printk("dev=%s handle=%u size=%llu placement=%u ret=%d", __get_str(dev),
		      __entry->handle, __entry->size, __entry->placement, __entry->ret)
);

DECLARE_EVENT_CLASS(fpr_job,
		    TP_PROTO(struct fpr_mac_job *job, u32 item, int ret),
		    TP_ARGS(job, item, ret),
		    TP_STRUCT__entry(__string(dev, dev_name(&job->fdev->pdev->dev))
				     __string(ctx, job->ctx->name)
				     __field(u64, id)
				     __field(u32, count)
				     __field(u32, item)
				     __field(int, ret)),
		    TP_fast_assign(__assign_str(dev);
				   __assign_str(ctx);
				   __entry->id = fpr_mac_job_id(job);
				   __entry->count = job->count;
				   __entry->item = item;
				   __entry->ret = ret;),
		    TP_printk("dev=%s ctx=%s job=%llu count=%u item=%u ret=%d", __get_str(dev),
			      __get_str(ctx), __entry->id, __entry->count, __entry->item,
			      __entry->ret)
);

DEFINE_EVENT(fpr_job, fpr_job_end,
	     TP_PROTO(struct fpr_mac_job *job, u32 item, int ret),
	     TP_ARGS(job, item, ret));
DEFINE_EVENT(fpr_job, fpr_job_submit,
	     TP_PROTO(struct fpr_mac_job *job, u32 item, int ret),
	     TP_ARGS(job, item, ret));
DEFINE_EVENT(fpr_job, fpr_job_run,
	     TP_PROTO(struct fpr_mac_job *job, u32 item, int ret),
	     TP_ARGS(job, item, ret));

DECLARE_EVENT_CLASS(fpr_xfer,
		    TP_PROTO(struct fpr_xfer *xfer),
		    TP_ARGS(xfer),
		    TP_STRUCT__entry(__string(dev, dev_name(&xfer->batch->fdev->pdev->dev))
				     __string(ctx, xfer->batch->ctx->name)
				     __field(u64, fence)
				     __field(u64, bytes)
				     __field(u32, priority)
				     __field(u32, direction)
				     __field(int, error)),
		    TP_fast_assign(__assign_str(dev);
				   __assign_str(ctx);
				   __entry->fence = xfer->fence_value;
				   __entry->bytes = xfer->bytes;
				   __entry->priority = xfer->priority;
				   __entry->direction = xfer->direction;
				   __entry->error = xfer->error;),
		    TP_printk("dev=%s ctx=%s fence=%llu bytes=%llu priority=%u to_host=%u error=%d",
			      __get_str(dev), __get_str(ctx), __entry->fence, __entry->bytes,
			      __entry->priority, __entry->direction, __entry->error)
);

DEFINE_EVENT(fpr_xfer, fpr_xfer_post,
	     TP_PROTO(struct fpr_xfer *xfer),
	     TP_ARGS(xfer));
DEFINE_EVENT(fpr_xfer, fpr_xfer_end,
	     TP_PROTO(struct fpr_xfer *xfer),
	     TP_ARGS(xfer));

TRACE_EVENT(fpr_xfer_submit,
	    TP_PROTO(struct fpr_xfer_batch *batch),
	    TP_ARGS(batch),
	    TP_STRUCT__entry(__string(dev, dev_name(&batch->fdev->pdev->dev))
			     __string(ctx, batch->ctx->name)
			     __field(u32, count)
			     __field(u32, waits)),
	    TP_fast_assign(__assign_str(dev);
			   __assign_str(ctx);
			   __entry->count = batch->count;
			   __entry->waits = batch->wait_count;),
	    TP_printk("dev=%s ctx=%s count=%u waits=%u", __get_str(dev), __get_str(ctx),
		      __entry->count, __entry->waits)
);

TRACE_EVENT(fpr_reset,
	    TP_PROTO(struct fpr_device *fdev, const char *level, const char *reason),
	    TP_ARGS(fdev, level, reason),
	    TP_STRUCT__entry(__string(dev, dev_name(&fdev->pdev->dev))
			     __string(level, level)
			     __string(reason, reason)),
	    TP_fast_assign(__assign_str(dev);
			   __assign_str(level);
			   __assign_str(reason);),
	    TP_printk("dev=%s level=%s reason=%s", __get_str(dev), __get_str(level),
		      __get_str(reason))
);

TRACE_EVENT(fpr_pm,
	    TP_PROTO(struct fpr_device *fdev, const char *event, int ret),
	    TP_ARGS(fdev, event, ret),
	    TP_STRUCT__entry(__string(dev, dev_name(&fdev->pdev->dev))
			     __string(event, event)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(dev);
			   __assign_str(event);
			   __entry->ret = ret;),
	    TP_printk("dev=%s event=%s ret=%d", __get_str(dev), __get_str(event), __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE fpr_trace
#include <trace/define_trace.h>
