// Which kernels to use here, and a matrix's rows as floats.
#pragma once
#include "kernels.h"

namespace attune {
const Kernels* chosen_kernels();
// "plain", "avx2", "avx512", or "" for the best that passes its self-check. 0: chosen, 1: not available here.
int choose_kernels(const char* name);
// Row `row` of a packed matrix as floats.
void read_row(const Linear& weight, int row, float* out);
}  // namespace attune
