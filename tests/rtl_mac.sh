#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The MAC engine's sequencer and the array's stand-in against the HLS C: jobs of any shape in any
# memory, what fails, what is stopped. The bench passes, and sees mistakes.
# shellcheck disable=SC2154 # failed: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
make_rtl array.o

spoil mac top/fpr_mac.sv 'which != C || accumulate' 'which != C' 'a C to add to is not gathered'
spoil mac top/fpr_mac.sv 'backwards && accumulate' "1'b0" 'sums stop half way'
spoil mac top/fpr_mac.sv 'used > scratch_bytes' 'used >= scratch_bytes' 'the last bytes of working memory are not used'
spoil mac top/fpr_mac.sv 'c_in_host ? RUN : TEAR' 'RUN' 'C in board memory is torn without a word'
spoil mac top/fpr_mac.sv '!no_counters' "1'b1" 'counters that nobody wants'
spoil mac top/fpr_mac_rows.sv 'stride_c < extent' "1'b0" 'entries that lie side by side go one after the other'

build_spoilt mac
passes mac
notices mac
exit $failed
