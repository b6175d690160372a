// SPDX-License-Identifier: MIT

/* Which of the mistakes that tests/rtl_broken.sh puts into a copy of the RTL is made; 0 for none. */
package fpr_broken;
	int which /* verilator public_flat_rw */;
endpackage
