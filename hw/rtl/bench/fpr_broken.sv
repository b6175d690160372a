// SPDX-License-Identifier: MIT

/* Which of the mistakes that a test puts into a copy of the RTL (tests/common/rtl_bench.sh) is made; 0: none. */
package fpr_broken;
	int which /* verilator public_flat_rw */;
endpackage
