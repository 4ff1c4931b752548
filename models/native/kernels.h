// The products and vector functions of one decode step, one table of functions per instruction set.
//
// Weight layout: tiles of 16 rows, one after the other; within a tile the columns follow each other.
//   float32, bfloat16: for each column the 16 rows' values.
//   int8: for each 32 columns 16 float16 scales, then for each 4 columns 16 rows x 4 codes (int8).
//   int4: for each 32 columns 16 float16 scales, 16 float16 offsets, then for each 8 columns 16 rows x 4 bytes,
//         low nibbles the first 4 columns, high nibbles the next 4. weight = scale * code + offset.
// The last tile is padded with zeros. This order lets one vector hold 16 rows, so that no sum crosses lanes.
#pragma once
#include <stdint.h>

namespace attune {

constexpr int kTile = 16;
constexpr int kGroup = 32;
enum Format : int32_t { kFloat32 = 0, kBfloat16 = 1, kInt8 = 2, kInt4 = 3 };
enum Activation : int32_t { kSilu = 0, kGeluTanh = 1, kGelu = 2 };

struct Linear {
  int32_t format;
  int32_t rows;
  int32_t cols;
  int32_t present;  // 0: no such product
  const uint8_t* data;
  const float* bias;  // may be null

  int tiles() const { return (rows + kTile - 1) / kTile; }
  int64_t tile_bytes() const {
    switch (format) {
      case kFloat32: return int64_t(cols) * kTile * 4;
      case kBfloat16: return int64_t(cols) * kTile * 2;
      case kInt8: return int64_t(cols / kGroup) * (kTile * 2 + kTile * kGroup);
      default: return int64_t(cols / kGroup) * (kTile * 4 + kTile * kGroup / 2);
    }
  }
  bool quantized() const { return format >= kInt8; }
};

// Rows of activations ready to be multiplied: floats, and the same as int8 codes with one scale per 32.
struct Rows {
  const float* x;      // (count, cols)
  const int8_t* q;     // (count, cols)
  const float* scale;  // (count, cols / 32)
  const float* sum;    // scale * sum of codes, per 32
  int32_t count;
  int32_t cols;
};

// Queries of one key-value head that share its keys and values.
// Keys: blocks of 16 positions, (head_dim, 16) each; values: (position, head_dim). Positions below `shared` are
// found in the shared part, the others in the own part, which begins at position `shared` (a multiple of 16).
struct Attention {
  const void* shared_keys;
  const void* shared_values;
  const void* own_keys;
  const void* own_values;
  int32_t shared;
  int32_t head_dim;
  int32_t half;  // 1: keys and values are float16
  float scale;
  float softcap;       // 0: none
  const float* q[4];   // (head_dim) each
  float* out[4];       // (head_dim) each
  int32_t first[4];    // first position attended to
  int32_t last[4];     // one past the last
  int32_t count;       // queries, 1..4
  float* scores;       // room for 4 x (positions rounded up to 16)
  int32_t scores_stride;
};

struct Kernels {
  const char* name;
  // x (cols) -> q, scale, sum, by groups of 32.
  void (*quantize)(const float* x, int cols, int8_t* q, float* scale, float* sum);
  void (*rms_norm)(const float* x, const float* weight, float eps, int n, float* out);
  // out[m * stride + row] (+)= weight . x for the rows of tiles first..last-1.
  void (*product)(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
                  bool accumulate);
  void (*attend)(const Attention& task);
  void (*gate)(const float* gate, const float* up, int n, int activation, float* out);
  void (*softcap)(float* x, int n, float cap);
  void (*to_half)(const float* x, int n, uint16_t* out);
};

const Kernels* plain_kernels();
const Kernels* avx2_kernels();    // null where not compiled or not supported by this processor
const Kernels* avx512_kernels();

}  // namespace attune
