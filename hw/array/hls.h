/* SPDX-License-Identifier: MIT */
#ifndef FPR_HLS_H
#define FPR_HLS_H

/*
 * Every pragma of the array goes through here, in four classes, so that a
 * compiler or a tool which does not know one never sees it:
 *
 *   HLS_IFACE    array interfaces of a top function: Vitis HLS and Bambu
 *   HLS_CONTROL  scalar registers and block control: Vitis HLS
 *   HLS_WORDS    interfaces of arrays that a block of hw/card has beside it
 *   HLS_OPT      optimisation (pipeline, unroll, partition): Vitis HLS
 *
 * HLS_LOOP names a loop for the tool's report. None of them changes a result.
 */

#define HLS_TEXT(x) #x
#define HLS_PRAGMA(x) _Pragma(HLS_TEXT(x))

#if defined(__VITIS_HLS__) || defined(__SYNTHESIS__)
#define HLS_TOOL_VITIS 1
#else
#define HLS_TOOL_VITIS 0
#endif

#if HLS_TOOL_VITIS
#define HLS_IFACE(x) HLS_PRAGMA(HLS INTERFACE x)
#define HLS_OPT(x) HLS_PRAGMA(HLS x)
#define HLS_LOOP(name) \
name:
#ifdef FPR_HLS_BLOCK /* wires to the design around it, and no registers */
#define HLS_CONTROL(x)
#define HLS_WORDS(x)
#define HLS_OFFSET direct
#else
#define HLS_CONTROL(x) HLS_PRAGMA(HLS INTERFACE x)
#define HLS_WORDS(x) HLS_IFACE(x)
#define HLS_OFFSET slave
#endif
#elif defined(__BAMBU__)
#define HLS_IFACE(x) HLS_PRAGMA(HLS INTERFACE x)
#define HLS_WORDS(x) HLS_IFACE(x)
#define HLS_CONTROL(x)
#define HLS_OPT(x)
#define HLS_LOOP(name)
#define HLS_OFFSET direct
#else
#define HLS_IFACE(x)
#define HLS_WORDS(x)
#define HLS_CONTROL(x)
#define HLS_OPT(x)
#define HLS_LOOP(name)
#define HLS_OFFSET
#endif

#endif
