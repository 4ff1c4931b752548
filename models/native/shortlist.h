// Which words a next token can be, from a sketch of the head: 2 bits a weight instead of all of them.
//
// A word's logit is about its row of the sketch times the hidden state. What the sketch leaves out of a row, e, adds
// e . x, which for a direction x that knows nothing of e is about |e| |x| / sqrt(n) times a normal variable. A word stays
// in the running unless its approximate logit is kSure of these deviations short of the best exact one.
#pragma once
#include "kernels.h"

namespace attune {

constexpr float kSure = 5.0f;  // one in three million for each word that is near

// Bytes of a sketch of a matrix with these sizes, a multiple of 64; 0: it cannot have one.
int64_t sketch_bytes(int rows, int cols);
// The sketch of `head` (with its own data pointer left alone) and for each row |e| / sqrt(cols).
void make_sketch(const Linear& head, uint8_t* out, float* spread, int threads);
// x (cols) -> codes, scales and sums by 128; the length of x is returned.
float sketch_input(const float* x, int cols, int8_t* q, float* scale, float* sum);

}  // namespace attune
