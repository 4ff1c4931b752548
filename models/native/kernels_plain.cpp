// The kernels without vector instructions: right on any processor, the yardstick of the others' self-check.
#include <cmath>
#include <cstring>

#include "kernels.h"
#include "tiles.h"

namespace attune {
namespace plain {

constexpr int kWidth = 8;
struct V { float v[kWidth]; };

inline float half_to_float(uint16_t h) {
  uint32_t sign = uint32_t(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 1023, bits;
  if (exponent == 0) {
    float tiny = std::ldexp(float(mantissa), -24);
    return sign ? -tiny : tiny;
  }
  bits = exponent == 31 ? sign | 0x7f800000 | (mantissa << 13) : sign | ((exponent + 112) << 23) | (mantissa << 13);
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}

inline uint16_t float_to_half(float f) {  // round to nearest even
  uint32_t bits;
  std::memcpy(&bits, &f, 4);
  uint32_t sign = (bits >> 16) & 0x8000;
  float a = std::fabs(f);
  if (!(a < 65520.0f)) return uint16_t(sign | (a != a ? 0x7e00 : 0x7c00));
  if (a < 6.103515625e-05f) return uint16_t(sign | uint32_t(std::nearbyint(std::ldexp(a, 24))));
  bits &= 0x7fffffff;
  bits += 0xfff + ((bits >> 13) & 1);
  return uint16_t(sign | ((bits - 0x38000000) >> 13));
}

#define EACH(expression) V r; for (int i = 0; i < kWidth; i++) r.v[i] = (expression); return r
inline V set(float x) { EACH(x); }
inline V load(const float* p) { EACH(p[i]); }
inline V loadh(const uint16_t* p) { EACH(half_to_float(p[i])); }
inline V loadb(const uint16_t* p) {
  V r;
  for (int i = 0; i < kWidth; i++) {
    uint32_t bits = uint32_t(p[i]) << 16;
    std::memcpy(&r.v[i], &bits, 4);
  }
  return r;
}
inline void store(float* p, V x) { for (int i = 0; i < kWidth; i++) p[i] = x.v[i]; }
inline V fma(V a, V b, V c) { EACH(a.v[i] * b.v[i] + c.v[i]); }
inline V add(V a, V b) { EACH(a.v[i] + b.v[i]); }
inline V sub(V a, V b) { EACH(a.v[i] - b.v[i]); }
inline V mul(V a, V b) { EACH(a.v[i] * b.v[i]); }
inline V div(V a, V b) { EACH(a.v[i] / b.v[i]); }
inline V max(V a, V b) { EACH(a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
inline V min(V a, V b) { EACH(a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
inline V round(V a) { EACH(std::nearbyint(a.v[i])); }
inline V exp2i(V k) { EACH(std::ldexp(1.0f, int(k.v[i]))); }
inline float sum(V a) { float s = 0; for (int i = 0; i < kWidth; i++) s += a.v[i]; return s; }
inline float max_across(V a) { float s = a.v[0]; for (int i = 1; i < kWidth; i++) s = a.v[i] > s ? a.v[i] : s; return s; }

#include "kernels_vector.inc"

void quantize(const float* x, int cols, int8_t* q, float* scale, float* sums, int32_t* low) {
  for (int g = 0; g < cols / kGroup; g++) {
    const float* at = x + g * kGroup;
    float top = 0;
    for (int i = 0; i < kGroup; i++) top = std::fabs(at[i]) > top ? std::fabs(at[i]) : top;
    float inverse = top > 0 ? 127.0f / top : 0.0f;
    int total[2] = {0, 0};
    for (int i = 0; i < kGroup; i++) {
      q[g * kGroup + i] = int8_t(std::nearbyint(at[i] * inverse));
      total[i / 16] += q[g * kGroup + i];
    }
    scale[g] = top / 127.0f;
    sums[g] = scale[g] * (total[0] + total[1]);
    for (int h = 0; h < 2; h++) low[g * 2 + h] = -32 * total[h];
  }
}

void code_product(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
                  bool accumulate) {
  const int groups = weight.cols / kGroup;
  for (int tile = first; tile < last; tile++)
    for (int m = 0; m < rows.count; m++) {
      float acc[kTile] = {0};
      for (int g = 0; g < groups; g++)
        for (int r = 0; r < kTile; r++) {
          Group group;
          read_group(weight, weight.data + tile * weight.tile_bytes(), g, r, &group);
          const int8_t* a = rows.q + int64_t(m) * rows.cols + g * kGroup;
          int64_t s = int64_t(m) * groups + g;
          int dot[2] = {0, 0};
          for (int k = 0; k < kGroup; k++) dot[k / 16] += a[k] * group.codes[k];
          acc[r] += (group.scale[0] * dot[0] + group.scale[1] * dot[1]) * rows.scale[s] + group.offset * rows.sum[s];
        }
      V parts[kParts];
      for (int p = 0; p < kParts; p++) parts[p] = load(acc + p * kWidth);
      put_tile(weight, tile, out + m * stride, parts, accumulate);
    }
}

void product(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
             bool accumulate) {
  if (!weight.quantized()) return float_product_any(weight, rows, first, last, out, stride, accumulate);
  code_product(weight, rows, first, last, out, stride, accumulate);
}

void sketch(const Linear& weight, const SketchRows& rows, int first, int last, float* out, int64_t stride) {
  const int blocks = weight.cols / kSketchGroup;
  for (int row = first * kTile; row < last * kTile && row < weight.rows; row++)
    for (int m = 0; m < rows.count; m++) {
      float total = 0;
      for (int b = 0; b < blocks; b++) {
        int dot = 0;
        for (int i = 0; i < kSketchGroup; i++)
          dot += sketch_code(weight, row, b * kSketchGroup + i) * rows.q[int64_t(m) * rows.cols + b * kSketchGroup + i];
        int64_t s = int64_t(m) * blocks + b;
        total += sketch_scale(weight, row, b) * (float(dot) * rows.scale[s] - 1.5f * rows.sum[s]);
      }
      out[m * stride + row] = total;
    }
}

void to_half(const float* x, int n, uint16_t* out) {
  for (int i = 0; i < n; i++) out[i] = float_to_half(x[i]);
}

}  // namespace plain

const Kernels* plain_kernels() {
  static const Kernels table = {"plain", plain::quantize, plain::rms_norm, plain::product, plain::sketch,
                                plain::attend, plain::gate, plain::softcap, plain::to_half};
  return &table;
}

}  // namespace attune
