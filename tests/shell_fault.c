/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/fake_host.h"

/* Each injected fault shows what its name says, once, and a reset cures what it should. */

static uint32_t status_of(struct fake_host *host, unsigned int engine)
{
	return host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS);
}

static uint64_t progress_of(struct fake_host *host, unsigned int engine)
{
	return host_read64(host, FPR_REG_ENGINE(engine) + FPR_ENG_PROGRESS_LO);
}

/* A job of @engine that works. */
static void submit(struct fake_host *host, unsigned int engine, uint64_t fence)
{
	struct fpr_mac_desc mac = host_product(8, 8, 8);
	struct fpr_xfer_desc xfer = host_copy(host, HOST_BUS, 0, 8192, 0);

	mac.fence = xfer.fence = fence;
	host_submit(host, engine, engine ? (void *)&xfer : (void *)&mac, true);
}

static void hangs_at_a_job(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		uint64_t before;

		host->shell->faults.engine[engine].hang_in = 3;
		submit(host, engine, 1);
		host_expect(host, engine, 1, FPR_OK);
		submit(host, engine, 2);
		host_expect(host, engine, 2, FPR_OK);
		before = progress_of(host, engine);
		submit(host, engine, 3);
		submit(host, engine, 4);
		host_run(host);
		host_expect_none(host, engine);
		assert_int_equal(progress_of(host, engine), before);
		assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY |
								  FPR_ENG_STATUS_ENABLED |
								  FPR_ENG_STATUS_BUSY);
		/* The other one does not mind. */
		submit(host, !engine, 5);
		host_expect(host, !engine, 5, FPR_OK);
		host_write(host, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
		assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
		host_run(host);
		host_expect_none(host, engine);
		host_enable(host, engine, 3, 3);
		submit(host, engine, 6);
		host_expect(host, engine, 6, FPR_OK);
	}
}

static void hangs_now(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		fpr_shell_hang(host->shell, engine);
		submit(host, engine, 1);
		host_run(host);
		host_expect_none(host, engine);
	}
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	host_enable_all(host);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		submit(host, engine, 2);
		host_expect(host, engine, 2, FPR_OK);
	}
}

static void hang_transfers(struct fake_host *host)
{
	fpr_shell_hang(host->shell, FPR_ENGINE_XFER);
}

/* In the middle of a transfer, whose first slice was still counted or not at all. */
static void hangs_between_slices(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	host->shell->delay_ms = 1;
	host->meanwhile = hang_transfers;
	submit(host, FPR_ENGINE_XFER, 1);
	host_run(host);
	host_expect_none(host, FPR_ENGINE_XFER);
	assert_int_equal(progress_of(host, FPR_ENGINE_XFER), 0);
	host_write(host, FPR_REG_ENGINE(1) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	host_enable(host, FPR_ENGINE_XFER, 4, 4);
	submit(host, FPR_ENGINE_XFER, 2);
	host_expect(host, FPR_ENGINE_XFER, 2, FPR_OK);
}

static void a_wedge_needs_the_next_larger_reset(void **state)
{
	struct fake_host *host = *state;

	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		host_enable(host, engine, 4, 4);
		host->shell->faults.engine[engine].wedged = 1;
		host_write(host, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
		host_run(host);
		assert_int_equal(status_of(host, engine), 0);
		host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
		assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
		assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
	}
	host->shell->faults.wedged = 1;
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	fpr_shell_reset(host->shell);
	host_run(host);
	assert_int_equal(host_read(host, FPR_REG_STATUS), 0);
	host->locked = true; /* as a command does it */
	fpr_shell_heal(host->shell);
	host->locked = false;
	assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
}

static void fails_a_job(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	memset(host->board_memory, 0x77, HOST_BOARD_BYTES);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		host->shell->faults.engine[engine].error_in = 2;
		host->shell->faults.engine[engine].error = FPR_ERR_DMA;
		submit(host, engine, 1);
		host_expect(host, engine, 1, FPR_OK);
		memset(host->board_memory, 0x77, HOST_BOARD_BYTES);
		submit(host, engine, 2);
		host_expect(host, engine, 2, FPR_ERR_DMA);
		for (uint32_t i = 0; i < HOST_BOARD_BYTES; i++)
			assert_int_equal(host->board_memory[i], 0x77);
		submit(host, engine, 3);
		host_expect(host, engine, 3, FPR_OK);
	}
}

static void spoils_a_completion(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;

	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		struct fpr_engine_faults *faults = &host->shell->faults.engine[engine];

		host_enable_all(host);
		faults->corrupt_in = 1;
		faults->corrupt = FPR_CORRUPT_FENCE;
		submit(host, engine, 5);
		host_run(host);
		assert_true(host_take(host, engine, &c, true));
		assert_int_equal(c.fence, ~5ull);
		assert_int_equal(c.cookie, 0xc00c1e);
		faults->corrupt_in = 2;
		faults->corrupt = FPR_CORRUPT_COOKIE;
		submit(host, engine, 6);
		host_expect(host, engine, 6, FPR_OK);
		submit(host, engine, 7);
		host_run(host);
		assert_true(host_take(host, engine, &c, true));
		assert_int_equal(c.fence, 7);
		assert_int_equal(c.cookie, ~0xc00c1eu);
		/* The host never sees this one, though it is told of it. */
		faults->corrupt_in = 1;
		faults->corrupt = FPR_CORRUPT_PHASE;
		host->interrupts[engine] = 0;
		submit(host, engine, 8);
		host_run(host);
		host_expect_none(host, engine);
		assert_int_equal(host->interrupts[engine], 1);
		host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	}
}

static void loses_interrupts(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	host->shell->faults.drop_interrupts = 2;
	for (uint64_t i = 0; i < 4; i++) {
		submit(host, FPR_ENGINE_MAC, i);
		host_run(host);
		/* What is lost is the interrupt: its cause can be read. */
		assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 1 << FPR_ENGINE_MAC);
		assert_int_equal(host->level, i >= 2);
		host_expect(host, FPR_ENGINE_MAC, i, FPR_OK);
	}
	assert_int_equal(host->interrupts[FPR_ENGINE_MAC], 2);
	assert_int_equal(host->shell->stats.interrupts, 2);
	assert_int_equal(host->shell->stats.interrupts_dropped, 2);
}

/* The one for what the host has left behind. */
static void loses_the_line(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;

	host_enable_all(host);
	submit(host, FPR_ENGINE_MAC, 1);
	submit(host, FPR_ENGINE_MAC, 2);
	host_run(host);
	assert_int_equal(host->level, 1);
	host->shell->faults.drop_interrupts = 1;
	assert_true(host_take(host, FPR_ENGINE_MAC, &c, true));
	assert_int_equal(host->shell->stats.interrupts_dropped, 1);
	assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 1 << FPR_ENGINE_MAC);
	assert_int_equal(host->level, 0);
}

static void slow_dma(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(8, 8, 8);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	host->shell->delay_ms = 7;
	submit(host, FPR_ENGINE_XFER, 1);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
	assert_int_equal(host->pauses, 14);
	d.a = host_list(host, host_alloc(host, 4096), 4096, 4096);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	assert_int_equal(host->pauses, 21);
	assert_true(host_read64(host, FPR_REG_ENGINE(0) + FPR_ENG_STALL_NS_LO) >= 7000000);
	/* Of slices only. */
	host->shell->delay_ms = 0;
	host->shell->slice_delay_ms = 3;
	submit(host, FPR_ENGINE_XFER, 2);
	host_expect(host, FPR_ENGINE_XFER, 2, FPR_OK);
	assert_int_equal(host->pauses, 27);
	d.fence = 2;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 2, FPR_OK);
	assert_int_equal(host->pauses, 27);
}

static void the_heart_stops(void **state)
{
	struct fake_host *host = *state;
	uint32_t beat;

	host->now += 1000000000;
	fpr_shell_stop_heartbeat(host->shell, 1);
	beat = host_read(host, FPR_REG_HEARTBEAT);
	assert_true(beat >= 10);
	host->now += 1000000000;
	assert_int_equal(host_read(host, FPR_REG_HEARTBEAT), beat);
	fpr_shell_stop_heartbeat(host->shell, 0);
	assert_true(host_read(host, FPR_REG_HEARTBEAT) > beat);
}

static void a_fatal_board_wants_a_full_reset(void **state)
{
	struct fake_host *host = *state;

	host_enable_all(host);
	host->locked = true;
	fpr_shell_fatal(host->shell);
	host->locked = false;
	assert_true(host_read(host, FPR_REG_STATUS) & FPR_STATUS_FATAL);
	assert_int_equal(host->interrupts[FPR_ENGINES], 1);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		submit(host, engine, 1);
		host_run(host);
		host_expect_none(host, engine);
		host_write(host, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	}
	assert_true(host_read(host, FPR_REG_STATUS) & FPR_STATUS_FATAL);
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
	host_enable_all(host);
	submit(host, FPR_ENGINE_MAC, 2);
	host_expect(host, FPR_ENGINE_MAC, 2, FPR_OK);
}

#define test(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(hangs_at_a_job),
		test(hangs_now),
		test(hangs_between_slices),
		test(a_wedge_needs_the_next_larger_reset),
		test(fails_a_job),
		test(spoils_a_completion),
		test(loses_interrupts),
		test(loses_the_line),
		test(slow_dma),
		test(the_heart_stops),
		test(a_fatal_board_wants_a_full_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
