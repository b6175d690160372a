/* SPDX-License-Identifier: MIT */

#include "pe_chunk_unit.h"

#define PE_TOP pe_chunk_top

#include "pe_chunk_tb.h"
