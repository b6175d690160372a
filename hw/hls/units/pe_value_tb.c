/* SPDX-License-Identifier: MIT */

#include "pe_value_unit.h"

#define FPR_PE_LANES FPR_VALUE_LANES
#define PE_TOP pe_value_top

#include "pe_chunk_tb.h"
