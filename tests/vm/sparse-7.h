/* SPDX-License-Identifier: MIT */

/*
 * For sparse, before anything else: what the headers of 7.x use and the latest
 * release of sparse, 0.6.4, does not know. Nothing of the driver's is hidden by it.
 */
#define __typeof_unqual__ __typeof__
#define __builtin_strlen(string) (sizeof(string) - 1)
