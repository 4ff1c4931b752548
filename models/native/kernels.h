// The products and vector functions of one decode step, one table of functions per instruction set.
//
// Weight layout: tiles of 16 rows, one after the other; the last tile is padded with zeros. This order lets one vector
// hold 16 rows, so that no sum crosses lanes. Float formats: for each column the 16 rows' values. The others are what
// GGUF's blocks hold, without another rounding, in another order:
//   codes of 32 columns: for each 8 columns 16 rows x 4 bytes, low nibbles the first 4 columns, high nibbles the next 4;
//     then, for 5 and 6 bits, planes of 64 bytes whose byte (row, column % 4) holds the upper bits of the columns
//     0..3, 4..7, 8..11 ... one after the other from the lowest bit on: one plane of one bit, two planes of two bits.
//     8 bits: for each 4 columns 16 rows x 4 codes (signed).
//   int4 (Q4_1), q5_1: for each 32 columns 16 float16 scales, 16 float16 offsets, codes. weight = scale * code + offset
//   q4_0, q5_0, int8 (Q8_0): all codes, then for each 32 columns 16 float16 scales. weight = scale * (code - 8, 16, 0)
//   q4_k, q5_k: for each 256 columns 16 float16 d, 16 float16 dmin, 192 bytes of scales (see unpack_scale), and eight
//     times the codes of 32 columns. weight = d * scale * code - dmin * minimum
//   q6_k: for each 256 columns 16 x 16 scales (int8; for each 16 columns those of 16 rows) and eight times the codes of
//     32 columns; after all of them for each 256 columns 16 float16 d. weight = d * scale * (code - 32)
//   sketch: for each 16 columns 16 rows x 4 bytes, the two lowest bits the first 4 columns and so on; after all of them
//     for each 128 columns 16 float16 scales. weight is about scale * (code - 1.5)
// Tiles of codes begin on multiples of 64 bytes, and so does each 64 bytes of codes.
#pragma once
#include <stdint.h>

namespace attune {

constexpr int kTile = 16;
constexpr int kGroup = 32;
constexpr int kSuper = 256;  // columns that share d and dmin
constexpr int kSketchGroup = 128;
enum Format : int32_t {
  kFloat32 = 0, kBfloat16 = 1, kInt8 = 2, kInt4 = 3, kFloat16 = 4,
  kQ4_0 = 5, kQ5_0 = 6, kQ5_1 = 7, kQ4_K = 8, kQ5_K = 9, kQ6_K = 10, kFormats = 11,
  kSketch = 11  // of a head only, see shortlist.h
};
enum Activation : int32_t { kSilu = 0, kGeluTanh = 1, kGelu = 2 };

// Where things are in a tile of a format with codes.
struct Layout {
  int columns;      // in a block
  int block;        // bytes of a block of that many columns
  int codes;        // bytes before the codes in a block
  int group;        // bytes of the codes of 32 columns
  int tail;         // bytes for each block after the last one
  int bits;
};

constexpr Layout layout_of(int format) {
  switch (format) {
    case kInt8: return {kGroup, 512, 0, 512, 32, 8};
    case kInt4: return {kGroup, 320, 64, 256, 0, 4};
    case kQ4_0: return {kGroup, 256, 0, 256, 32, 4};
    case kQ5_0: return {kGroup, 320, 0, 320, 32, 5};
    case kQ5_1: return {kGroup, 384, 64, 320, 0, 5};
    case kQ4_K: return {kSuper, 2304, 256, 256, 0, 4};
    case kQ5_K: return {kSuper, 2816, 256, 320, 0, 5};
    case kQ6_K: return {kSuper, 3328, 256, 384, 32, 6};
    case kSketch: return {kSketchGroup, 512, 0, 128, 32, 2};
    default: return {1, format == kFloat32 ? 64 : 32, 0, 0, 0, format == kFloat32 ? 32 : 16};
  }
}

constexpr bool has_codes(int format) { return format != kFloat32 && format != kBfloat16 && format != kFloat16; }

struct Linear {
  int32_t format;
  int32_t rows;
  int32_t cols;
  int32_t present;  // 0: no such product
  const uint8_t* data;
  const float* bias;  // may be null

  int tiles() const { return (rows + kTile - 1) / kTile; }
  int64_t tile_bytes() const {
    const Layout layout = layout_of(format);
    int64_t bytes = int64_t(cols / layout.columns) * (layout.block + layout.tail);
    return has_codes(format) ? (bytes + 63) / 64 * 64 : bytes;
  }
  bool quantized() const { return has_codes(format); }
};

// Rows of activations ready to be multiplied: floats, and the same as int8 codes with one scale per 32.
struct Rows {
  const float* x;      // (count, cols)
  const int8_t* q;     // (count, cols)
  const float* scale;  // (count, cols / 32)
  const float* sum;    // scale * sum of codes, per 32
  const int32_t* low;  // -32 * sum of codes, per 16
  int32_t count;
  int32_t cols;
};

// Rows of activations for a sketch: int8 codes with one scale per 128.
struct SketchRows {
  const int8_t* q;     // (count, cols)
  const float* scale;  // (count, cols / 128)
  const float* sum;    // scale * sum of codes, per 128
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
  // x (cols) -> q, scale, sum, by groups of 32, and low, by 16.
  void (*quantize)(const float* x, int cols, int8_t* q, float* scale, float* sum, int32_t* low);
  void (*rms_norm)(const float* x, const float* weight, float eps, int n, float* out);
  // out[m * stride + row] (+)= weight . x for the rows of tiles first..last-1.
  void (*product)(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
                  bool accumulate);
  // The same for a sketch, without bias.
  void (*sketch)(const Linear& weight, const SketchRows& rows, int first, int last, float* out, int64_t stride);
  void (*attend)(const Attention& task);
  void (*gate)(const float* gate, const float* up, int n, int activation, float* out);
  void (*softcap)(float* x, int n, float cap);
  void (*to_half)(const float* x, int n, uint16_t* out);
};

const Kernels* plain_kernels();
const Kernels* avx2_kernels();    // null where not compiled or not supported by this processor
const Kernels* avx512_kernels();

}  // namespace attune
