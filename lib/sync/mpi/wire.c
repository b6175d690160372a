/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* New messages looked at before completed ones are. */
#define PROBES 64

static int grow(struct fpr_engine_wire *wire)
{
	const int room = wire->room ? wire->room * 2 : 64;
	MPI_Request *requests = realloc(wire->requests, (size_t)room * sizeof(*requests));
	struct fpr_engine_op *ops, *finished;
	MPI_Status *statuses;
	int *indices;

	if (requests)
		wire->requests = requests;
	ops = realloc(wire->ops, (size_t)room * sizeof(*ops));
	if (ops)
		wire->ops = ops;
	finished = realloc(wire->finished, (size_t)room * sizeof(*finished));
	if (finished)
		wire->finished = finished;
	statuses = realloc(wire->statuses, (size_t)room * sizeof(*statuses));
	if (statuses)
		wire->statuses = statuses;
	indices = realloc(wire->indices, (size_t)room * sizeof(*indices));
	if (indices)
		wire->indices = indices;
	if (!requests || !ops || !finished || !statuses || !indices)
		return -ENOMEM;
	wire->room = room;
	return 0;
}

/* Return: where the request of a new message goes; NULL without memory */
static MPI_Request *begin(struct fpr_group *g, const struct fpr_engine_op *op)
{
	struct fpr_engine_wire *wire = &g->wire;

	if (wire->count == wire->room && grow(wire)) {
		fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a message");
		return NULL;
	}
	wire->ops[wire->count] = *op;
	wire->requests[wire->count] = MPI_REQUEST_NULL;
	return wire->requests + wire->count++;
}

/* ---- out --------------------------------------------------------------- */

static const void *payload(struct fpr_group *g, const struct fpr_sync_action *action)
{
	if (action->message == FPR_SYNC_PUSH)
		return fpr_engine_gradient(g, action->slice);
	if (action->message == FPR_SYNC_REPLY)
		return g->arrays[0] + g->slices[action->slice].at / sizeof(float);
	return "";
}

int fpr_engine_send(struct fpr_group *g, const struct fpr_sync_action *action)
{
	const struct fpr_engine_op op = {.sending = 1,
					 .message = action->message,
					 .slice = action->slice,
					 .peer = action->peer};
	const int tag = (int)(action->slice << FPR_ENGINE_TAG_BITS | action->message);
	const void *data = payload(g, action);
	MPI_Request *request = begin(g, &op);

	if (!request)
		return g->error;
	if (!data)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a gradient");
	g->slices[action->slice].sending++;
	fpr_engine_event(g, FPR_GROUP_SEND, action->message, action->slice, FPR_GROUP_NONE,
			 action->peer);
	return fpr_engine_mpi(g,
			      MPI_Isend(data, (int)action->bytes, MPI_BYTE, (int)action->peer, tag,
					g->wire.data, request),
			      "sending", action->peer);
}

static int sent(struct fpr_group *g, const struct fpr_engine_op *op)
{
	int ret;

	if (op->credit)
		return 0;
	g->slices[op->slice].sending--;
	fpr_engine_event(g, FPR_GROUP_SENT, op->message, op->slice, FPR_GROUP_NONE, op->peer);
	pthread_mutex_lock(&g->lock);
	ret = fpr_sync_sent(g->core, op->peer, op->message, op->slice);
	pthread_mutex_unlock(&g->lock);
	return ret ? fpr_engine_fail(g, ret, g->rank, "slice %u was sent out of turn", op->slice)
		   : 0;
}

/* Waits, and yet notices that a rank is lost. */
static int wait_out(struct fpr_group *g, MPI_Request *request, uint32_t peer)
{
	int out = 0, ret = 0;

	g->together++;
	while (!ret) {
		const uint64_t now = fpr_engine_now();

		ret = fpr_engine_mpi(g, MPI_Test(request, &out, MPI_STATUS_IGNORE), "sending",
				     peer);
		if (ret || out)
			break;
		ret = fpr_engine_notes(g, now);
		if (!ret)
			ret = fpr_engine_watch(g, now);
	}
	g->together--;
	return ret;
}

int fpr_engine_settle(struct fpr_group *g, uint32_t slice)
{
	struct fpr_engine_wire *wire = &g->wire;

	for (int i = 0; g->slices[slice].sending && i < wire->count;) {
		const struct fpr_engine_op op = wire->ops[i];
		int ret;

		if (!op.sending || op.credit || op.slice != slice) {
			i++;
			continue;
		}
		ret = wait_out(g, wire->requests + i, op.peer);
		if (ret)
			return ret;
		wire->requests[i] = wire->requests[--wire->count];
		wire->ops[i] = wire->ops[wire->count];
		ret = sent(g, &op);
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- in ---------------------------------------------------------------- */

static int out_of_turn(struct fpr_group *g, uint32_t peer)
{
	char name[FPR_GROUP_ERROR_MAX / 2];

	fpr_engine_name(g, peer, name, sizeof(name));
	return fpr_engine_fail(g, -EPROTO, peer, "%s sent what was not expected", name);
}

/* Tells a sender that its message has been consumed, where windows wait for that. */
static int give_credit(struct fpr_group *g, const struct fpr_engine_op *op)
{
	const uint32_t flags = fpr_sync_plan_config(g->plan)->flags;
	const struct fpr_engine_op credit = {.sending = 1,
					     .credit = 1,
					     .message = op->message,
					     .slice = op->slice,
					     .peer = op->peer};
	const int tag = (int)(op->slice << FPR_ENGINE_TAG_BITS | FPR_ENGINE_CREDIT | op->message);
	MPI_Request *request;

	if (!(flags & FPR_SYNC_EXPLICIT_CREDIT) ||
	    !(op->message == FPR_SYNC_PUSH ||
	      (op->message == FPR_SYNC_REPLY && flags & FPR_SYNC_PRIORITY_REPLY)))
		return 0;
	request = begin(g, &credit);
	return request ? fpr_engine_mpi(g,
					MPI_Isend(g->text, 0, MPI_BYTE, (int)op->peer, tag,
						  g->wire.data, request),
					"sending", op->peer)
		       : g->error;
}

static int take_credit(struct fpr_group *g, const struct fpr_engine_op *op)
{
	int ret;

	pthread_mutex_lock(&g->lock);
	ret = fpr_sync_credit(g->core, op->peer, op->message, op->slice);
	pthread_mutex_unlock(&g->lock);
	return ret ? out_of_turn(g, op->peer) : 0;
}

static int received(struct fpr_group *g, const struct fpr_engine_op *op)
{
	const uint64_t now = fpr_engine_now();
	int ret = 0;

	g->wire.incoming--;
	g->peers[op->peer].heard_ns = now;
	if (op->credit)
		return take_credit(g, op);
	fpr_engine_event(g, FPR_GROUP_RECEIVED, op->message, op->slice, FPR_GROUP_NONE, op->peer);
	if (op->message == FPR_SYNC_REPLY) {
		/* The server has our push, and MPI is about to notice. */
		ret = fpr_engine_settle(g, op->slice);
		if (!ret)
			ret = fpr_engine_unpack(g, op->slice, fpr_engine_landing(g, op->slice));
	}
	if (ret)
		return ret;
	pthread_mutex_lock(&g->lock);
	ret = fpr_sync_received(g->core, op->peer, op->message, op->slice, now);
	pthread_mutex_unlock(&g->lock);
	return ret ? out_of_turn(g, op->peer) : give_credit(g, op);
}

/* Return: where a message's bytes go, which may be nowhere; NULL without memory */
static void *place(struct fpr_group *g, const struct fpr_engine_op *op)
{
	if (op->credit)
		return g->text; /* no bytes */
	if (op->message == FPR_SYNC_PUSH)
		return fpr_engine_inbox(g, op->slice, op->peer);
	if (op->message == FPR_SYNC_REPLY)
		return fpr_engine_landing(g, op->slice);
	return g->text;
}

static int fits(struct fpr_group *g, const struct fpr_engine_op *op, int bytes)
{
	const int payload =
		!op->credit && (op->message == FPR_SYNC_PUSH || op->message == FPR_SYNC_REPLY);

	if (op->slice >= g->slice_count ||
	    (uint32_t)bytes != (payload ? fpr_engine_slice(g, op->slice)->bytes : 0))
		return 0;
	if (op->credit)
		return 1;
	if (op->message == FPR_SYNC_PUSH)
		return fpr_engine_is_mine(g, op->slice) && op->peer < g->workers;
	return op->message != FPR_SYNC_REPLY || g->is_worker;
}

static int receive(struct fpr_group *g, MPI_Message *message, const MPI_Status *status)
{
	const struct fpr_engine_op op = {.credit = !!(status->MPI_TAG & FPR_ENGINE_CREDIT),
					 .message = status->MPI_TAG & (FPR_ENGINE_CREDIT - 1),
					 .slice = (uint32_t)status->MPI_TAG >> FPR_ENGINE_TAG_BITS,
					 .peer = (uint32_t)status->MPI_SOURCE};
	MPI_Request *request;
	void *data;
	int bytes;

	MPI_Get_count(status, MPI_BYTE, &bytes);
	if (!fits(g, &op, bytes))
		return out_of_turn(g, op.peer);
	data = place(g, &op);
	if (!data)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a message");
	/* Its memory may be what is being sent: tensors whose sums replace their gradients. */
	if (op.message == FPR_SYNC_REPLY && !op.credit && fpr_engine_settle(g, op.slice))
		return g->error;
	request = begin(g, &op);
	if (!request)
		return g->error;
	g->wire.incoming++;
	return fpr_engine_mpi(g, MPI_Imrecv(data, bytes, MPI_BYTE, message, request), "receiving",
			      op.peer);
}

static int probe(struct fpr_group *g)
{
	int found = 0;

	for (int flag = 1; flag && found < PROBES; found += flag) {
		MPI_Message message;
		MPI_Status status;
		int ret = fpr_engine_mpi(g,
					 MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, g->wire.data,
						     &flag, &message, &status),
					 "receiving", g->rank);

		if (!ret && flag)
			ret = receive(g, &message, &status);
		if (ret)
			return ret;
	}
	return found;
}

/* ---- both -------------------------------------------------------------- */

static int test_failed(struct fpr_group *g, int error, int done)
{
	struct fpr_engine_wire *wire = &g->wire;

	for (int i = 0; error == MPI_ERR_IN_STATUS && i < done; i++)
		if (wire->statuses[i].MPI_ERROR != MPI_SUCCESS)
			return fpr_engine_mpi(g, wire->statuses[i].MPI_ERROR, "a transfer",
					      wire->ops[wire->indices[i]].peer);
	return fpr_engine_mpi(g, error, "transfers", g->rank);
}

/* Moves what has completed to wire->finished. Return: how many, or the group's error */
static int test(struct fpr_group *g)
{
	struct fpr_engine_wire *wire = &g->wire;
	int done = 0, kept = 0, error;

	if (!wire->count)
		return 0;
	error = MPI_Testsome(wire->count, wire->requests, &done, wire->indices, wire->statuses);
	if (error != MPI_SUCCESS)
		return test_failed(g, error, done);
	if (done <= 0)
		return 0;
	for (int i = 0; i < done; i++)
		wire->finished[i] = wire->ops[wire->indices[i]];
	for (int i = 0; i < wire->count; i++) {
		if (wire->requests[i] == MPI_REQUEST_NULL)
			continue;
		wire->requests[kept] = wire->requests[i];
		wire->ops[kept++] = wire->ops[i];
	}
	wire->count = kept;
	return done;
}

int fpr_engine_wire(struct fpr_group *g)
{
	const int done = test(g);
	int found;

	for (int i = 0; i < done; i++) {
		/* Settling and receiving may need room; that may move the list. */
		const struct fpr_engine_op op = g->wire.finished[i];
		const int ret = op.sending ? sent(g, &op) : received(g, &op);

		if (ret)
			return ret;
	}
	if (done < 0)
		return done;
	found = probe(g);
	return found < 0 ? found : done + found;
}
