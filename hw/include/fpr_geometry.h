/* SPDX-License-Identifier: MIT */
#ifndef FPR_GEOMETRY_H
#define FPR_GEOMETRY_H

/*
 * The array's build parameters, once, for the HLS C, the fast engine, the
 * golden models, the RTL and the library. Each may be given on the compiler's
 * command line; published figures are for the defaults. The HLS C and the golden
 * models take any of them, the engine's vector code 8 rows, columns and lanes only.
 */

/* PE rows of a tile: each row shares one serial vector. */
#ifndef FPR_ROWS
#define FPR_ROWS 8
#endif

/* PE columns of a tile: each column shares one parallel vector. */
#ifndef FPR_COLS
#define FPR_COLS 8
#endif

/* Lanes of a PE; product i of a set or chunk goes to lane i mod FPR_LANES. */
#ifndef FPR_LANES
#define FPR_LANES 8
#endif

/* `set`: a lane issues while its term lies at most this far below the base. */
#ifndef FPR_WINDOW
#define FPR_WINDOW 3
#endif

/* Sets or chunks by which a row may run ahead of the slowest one. */
#ifndef FPR_RUN_AHEAD
#define FPR_RUN_AHEAD 1
#endif

/* `set`: least cycles a set costs, as two PEs share one exponent block. */
#ifndef FPR_SET_FLOOR
#define FPR_SET_FLOOR 2
#endif

/* k values of one operand vector that a scratchpad half holds. */
#ifndef FPR_PANEL
#define FPR_PANEL 512
#endif

/* Width of the memory port the memory model charges: two 512-bit AXI ports. */
#ifndef FPR_MEM_BYTES_PER_CYCLE
#define FPR_MEM_BYTES_PER_CYCLE 128
#endif

#if FPR_ROWS < 1 || FPR_COLS < 1 || FPR_LANES < 1 || FPR_WINDOW < 0 || FPR_RUN_AHEAD < 0 || \
	FPR_SET_FLOOR < 0 || FPR_PANEL < 1 || FPR_MEM_BYTES_PER_CYCLE < 1
#error "a build parameter of the array is out of range"
#endif

/* Part of the numerics and of the storage format, so not build parameters. */
#define FPR_SET 8 /* consecutive products that share an alignment (`set`, `dense`) */
#define FPR_CHUNK 64 /* consecutive products between two fp32 accumulations */
#define FPR_BLOCK 8 /* side of the blocks in which the transposer moves operands */
#define FPR_BDC_GROUP 32 /* values that share a compressed exponent base */

/* Out-of-bounds threshold T: the last alignment that is kept. */
#define FPR_T_MAX 15
#define FPR_T_CHUNK 15 /* default of `chunk` and `value` */
#define FPR_T_SET 12 /* default of `set` */

#endif
