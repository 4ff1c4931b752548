// The kernels for x86 processors with AVX2, FMA and F16C.
#include "kernels.h"
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "x86_features.h"
#define ATTUNE_TARGET "avx2,fma,f16c"
#include "target_begin.h"

namespace attune {
namespace avx2 {

constexpr int kWidth = 8;
using V = __m256;
inline V set(float x) { return _mm256_set1_ps(x); }
inline V load(const float* p) { return _mm256_loadu_ps(p); }
inline V loadh(const uint16_t* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
inline V loadb(const uint16_t* p) {
  __m256i x = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return _mm256_castsi256_ps(_mm256_slli_epi32(x, 16));
}
inline void store(float* p, V x) { _mm256_storeu_ps(p, x); }
inline V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
inline V add(V a, V b) { return _mm256_add_ps(a, b); }
inline V sub(V a, V b) { return _mm256_sub_ps(a, b); }
inline V mul(V a, V b) { return _mm256_mul_ps(a, b); }
inline V div(V a, V b) { return _mm256_div_ps(a, b); }
inline V max(V a, V b) { return _mm256_max_ps(a, b); }
inline V min(V a, V b) { return _mm256_min_ps(a, b); }
inline V round(V a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline V exp2i(V k) {
  __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(k), _mm256_set1_epi32(127)), 23);
  return _mm256_castsi256_ps(bits);
}
inline float sum(V a) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
inline float max_across(V a) {
  __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

#include "kernels_vector.inc"
#include "kernels_x86.inc"

inline __m256i broadcast4(const int8_t* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return _mm256_set1_epi32(four);
}

inline __m256i load_codes(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

// One row of activations: codes are unpacked on the way. Eight products of at most 15 * 127 * 2 fit 16 bits.
void int4_single(const Linear& weight, const Rows& rows, int tile, float* out, bool accumulate) {
  const __m256i mask = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  V acc[2] = {set(0.0f), set(0.0f)};
  for (int g = 0; g < groups; g++, at += 320) {
    const int8_t* a = rows.q + g * kGroup;
    __m256i s0 = _mm256_setzero_si256(), s1 = s0;
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      __m256i w0 = load_codes(at + 64 + c * 64), w1 = load_codes(at + 96 + c * 64);
      __m256i low = broadcast4(a + c * 8), high = broadcast4(a + c * 8 + 4);
      s0 = _mm256_add_epi16(s0, _mm256_maddubs_epi16(_mm256_and_si256(w0, mask), low));
      s1 = _mm256_add_epi16(s1, _mm256_maddubs_epi16(_mm256_and_si256(w1, mask), low));
      s0 = _mm256_add_epi16(s0, _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(w0, 4), mask), high));
      s1 = _mm256_add_epi16(s1, _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(w1, 4), mask), high));
    }
    const uint16_t* scales = reinterpret_cast<const uint16_t*>(at);
    V scale = set(rows.scale[g]), total = set(rows.sum[g]);
    V d0 = _mm256_cvtepi32_ps(_mm256_madd_epi16(s0, ones)), d1 = _mm256_cvtepi32_ps(_mm256_madd_epi16(s1, ones));
    acc[0] = fma(d0, mul(loadh(scales), scale), acc[0]);
    acc[1] = fma(d1, mul(loadh(scales + 8), scale), acc[1]);
    acc[0] = fma(loadh(scales + 16), total, acc[0]);
    acc[1] = fma(loadh(scales + 24), total, acc[1]);
  }
  put_tile(weight, tile, out, acc, accumulate);
}

// M rows of activations at once, straight from the packed codes (an unpacked copy of the tile costs more than it saves).
template <int M>
void int4_block(const Linear& weight, const Rows& rows, int m0, int tile, float* out, int64_t stride,
                bool accumulate) {
  const __m256i mask = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  const int64_t cols = rows.cols;
  V acc[M][2];
  for (int m = 0; m < M; m++) acc[m][0] = acc[m][1] = set(0.0f);
  const int8_t* q = rows.q + m0 * cols;
  const float* scales = rows.scale + int64_t(m0) * groups;
  const float* sums = rows.sum + int64_t(m0) * groups;
  for (int g = 0; g < groups; g++, at += 320, q += kGroup) {
    __m256i s[M][2];
    for (int m = 0; m < M; m++) s[m][0] = s[m][1] = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      __m256i w0 = load_codes(at + 64 + c * 64), w1 = load_codes(at + 96 + c * 64);
      for (int part = 0; part < 2; part++) {
        __m256i codes0 = _mm256_and_si256(w0, mask), codes1 = _mm256_and_si256(w1, mask);
        for (int m = 0; m < M; m++) {
          __m256i a = broadcast4(q + m * cols + c * 8 + part * 4);
          s[m][0] = _mm256_add_epi16(s[m][0], _mm256_maddubs_epi16(codes0, a));
          s[m][1] = _mm256_add_epi16(s[m][1], _mm256_maddubs_epi16(codes1, a));
        }
        w0 = _mm256_srli_epi16(w0, 4);
        w1 = _mm256_srli_epi16(w1, 4);
      }
    }
    const uint16_t* halves = reinterpret_cast<const uint16_t*>(at);
    for (int p = 0; p < 2; p++) {
      V d = loadh(halves + p * 8), o = loadh(halves + kTile + p * 8);
      for (int m = 0; m < M; m++) {
        V dot = _mm256_cvtepi32_ps(_mm256_madd_epi16(s[m][p], ones));
        acc[m][p] = fma(dot, mul(d, set(scales[m * groups + g])), acc[m][p]);
        acc[m][p] = fma(o, set(sums[m * groups + g]), acc[m][p]);
      }
    }
  }
  for (int m = 0; m < M; m++) put_tile(weight, tile, out + (m0 + m) * stride, acc[m], accumulate);
}

// int8: |w| is the unsigned factor, the activation takes w's sign (maddubs wants one factor unsigned).
template <int M>
void int8_block(const Linear& weight, const Rows& rows, int m0, int tile, float* out, int64_t stride,
                bool accumulate) {
  const __m256i ones = _mm256_set1_epi16(1);
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  V acc[M][2];
  for (int m = 0; m < M; m++) acc[m][0] = acc[m][1] = set(0.0f);
  for (int g = 0; g < groups; g++, at += 544) {
    __m256i s[M][2];
    for (int m = 0; m < M; m++) s[m][0] = s[m][1] = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int c = 0; c < 8; c++)
      for (int p = 0; p < 2; p++) {
        __m256i w = load_codes(at + 32 + c * 64 + p * 32), positive = _mm256_abs_epi8(w);
        for (int m = 0; m < M; m++) {
          __m256i a = broadcast4(rows.q + int64_t(m0 + m) * rows.cols + g * kGroup + c * 4);
          __m256i pairs = _mm256_maddubs_epi16(positive, _mm256_sign_epi8(a, w));
          s[m][p] = _mm256_add_epi32(s[m][p], _mm256_madd_epi16(pairs, ones));
        }
      }
    const uint16_t* scales = reinterpret_cast<const uint16_t*>(at);
    for (int p = 0; p < 2; p++) {
      V d = loadh(scales + p * 8);
      for (int m = 0; m < M; m++)
        acc[m][p] = fma(_mm256_cvtepi32_ps(s[m][p]), mul(d, set(rows.scale[int64_t(m0 + m) * groups + g])), acc[m][p]);
    }
  }
  for (int m = 0; m < M; m++) put_tile(weight, tile, out + (m0 + m) * stride, acc[m], accumulate);
}

void product(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
             bool accumulate) {
  if (weight.format == kFloat32) return float_product<false>(weight, rows, first, last, out, stride, accumulate);
  if (weight.format == kBfloat16) return float_product<true>(weight, rows, first, last, out, stride, accumulate);
  for (int tile = first; tile < last; tile++) {
    int m = 0;
    if (weight.format == kInt8) {
      for (; m + 4 <= rows.count; m += 4) int8_block<4>(weight, rows, m, tile, out, stride, accumulate);
      for (; m < rows.count; m++) int8_block<1>(weight, rows, m, tile, out, stride, accumulate);
      continue;
    }
    if (rows.count == 1) {
      int4_single(weight, rows, tile, out, accumulate);
      continue;
    }
    for (; m + 4 <= rows.count; m += 4) int4_block<4>(weight, rows, m, tile, out, stride, accumulate);
    if (rows.count - m == 3) int4_block<3>(weight, rows, m, tile, out, stride, accumulate);
    if (rows.count - m == 2) int4_block<2>(weight, rows, m, tile, out, stride, accumulate);
    if (rows.count - m == 1) int4_block<1>(weight, rows, m, tile, out, stride, accumulate);
  }
}

}  // namespace avx2
}  // namespace attune
#include "target_end.h"

namespace attune {
const Kernels* avx2_kernels() {
  static const Kernels table = {"avx2", avx2::quantize, avx2::rms_norm, avx2::product,
                                avx2::attend, avx2::gate, avx2::softcap, avx2::to_half};
  return x86_has_avx2() ? &table : nullptr;
}
}  // namespace attune
#else
namespace attune {
const Kernels* avx2_kernels() { return nullptr; }
}  // namespace attune
#endif
