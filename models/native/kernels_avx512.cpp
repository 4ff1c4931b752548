// The kernels for x86 processors with AVX-512 (F, BW, VL) and its VNNI dot products.
#include "kernels.h"
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "x86_features.h"
#define ATTUNE_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni"
#include "target_begin.h"

namespace attune {
namespace avx512 {

constexpr int kWidth = 16;
using V = __m512;
inline V set(float x) { return _mm512_set1_ps(x); }
inline V load(const float* p) { return _mm512_loadu_ps(p); }
inline V loadh(const uint16_t* p) { return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
inline V loadb(const uint16_t* p) {
  __m512i x = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  return _mm512_castsi512_ps(_mm512_slli_epi32(x, 16));
}
inline void store(float* p, V x) { _mm512_storeu_ps(p, x); }
inline V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
inline V add(V a, V b) { return _mm512_add_ps(a, b); }
inline V sub(V a, V b) { return _mm512_sub_ps(a, b); }
inline V mul(V a, V b) { return _mm512_mul_ps(a, b); }
inline V div(V a, V b) { return _mm512_div_ps(a, b); }
inline V max(V a, V b) { return _mm512_max_ps(a, b); }
inline V min(V a, V b) { return _mm512_min_ps(a, b); }
inline V round(V a) { return _mm512_roundscale_ps(a, 0); }
inline V exp2i(V k) {
  __m512i bits = _mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(k), _mm512_set1_epi32(127)), 23);
  return _mm512_castsi512_ps(bits);
}
inline __m256 upper(V a) { return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)); }
inline float sum(V a) {
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a), upper(a));
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
inline float max_across(V a) {
  __m256 h = _mm256_max_ps(_mm512_castps512_ps256(a), upper(a));
  __m128 x = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

#include "kernels_vector.inc"
#include "kernels_x86.inc"

inline __m512i broadcast4(const int8_t* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return _mm512_set1_epi32(four);
}

// sums += codes . activations for 16 rows x 4 columns: unsigned codes times the same four signed bytes for every row.
// Written out where the compiler would load the four bytes into a register of their own (and copy the sums around).
inline void dot4(__m512i& sums, __m512i codes, const int8_t* p) {
#if defined(__GNUC__)
  typedef int32_t __attribute__((may_alias)) Four;
  asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sums) : "v"(codes), "m"(*reinterpret_cast<const Four*>(p)));
#else
  sums = _mm512_dpbusd_epi32(sums, codes, broadcast4(p));
#endif
}

inline __m512i load_codes(const uint8_t* p) { return _mm512_loadu_si512(reinterpret_cast<const void*>(p)); }

void int4_single(const Linear& weight, const Rows& rows, int tile, float* out, bool accumulate) {
  const __m512i mask = _mm512_set1_epi8(15);
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  V acc = set(0.0f);
  for (int g = 0; g < groups; g++, at += 320) {
    const int8_t* a = rows.q + g * kGroup;
    __m512i low = _mm512_setzero_si512(), high = low;
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      __m512i w = load_codes(at + 64 + c * 64);
      low = _mm512_dpbusd_epi32(low, _mm512_and_si512(w, mask), broadcast4(a + c * 8));
      high = _mm512_dpbusd_epi32(high, _mm512_and_si512(_mm512_srli_epi16(w, 4), mask), broadcast4(a + c * 8 + 4));
    }
    const uint16_t* scales = reinterpret_cast<const uint16_t*>(at);
    V dot = _mm512_cvtepi32_ps(_mm512_add_epi32(low, high));
    acc = fma(dot, mul(loadh(scales), set(rows.scale[g])), acc);
    acc = fma(loadh(scales + kTile), set(rows.sum[g]), acc);
  }
  put_tile(weight, tile, out, &acc, accumulate);
}

// M rows of activations at once, straight from the packed codes: taking the nibbles apart costs three instructions for
// 2 M products, less than keeping an unpacked copy of the tile.
template <int M>
void int4_block(const Linear& weight, const Rows& rows, int m0, int tile, float* out, int64_t stride,
                bool accumulate) {
  const __m512i mask = _mm512_set1_epi8(15);
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  const int64_t cols = rows.cols;
  V acc[M];
  for (int m = 0; m < M; m++) acc[m] = set(0.0f);
  const int8_t* q = rows.q + m0 * cols;
  const float* scales = rows.scale + int64_t(m0) * groups;
  const float* sums = rows.sum + int64_t(m0) * groups;
  for (int g = 0; g < groups; g++, at += 320, q += kGroup) {
    __m512i s[M];
    for (int m = 0; m < M; m++) s[m] = _mm512_setzero_si512();
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      __m512i w = load_codes(at + 64 + c * 64);
      __m512i low = _mm512_and_si512(w, mask), high = _mm512_and_si512(_mm512_srli_epi16(w, 4), mask);
      for (int m = 0; m < M; m++) dot4(s[m], low, q + m * cols + c * 8);
      for (int m = 0; m < M; m++) dot4(s[m], high, q + m * cols + c * 8 + 4);
    }
    const uint16_t* halves = reinterpret_cast<const uint16_t*>(at);
    V d = loadh(halves), o = loadh(halves + kTile);
    for (int m = 0; m < M; m++) {
      acc[m] = fma(_mm512_cvtepi32_ps(s[m]), mul(d, set(scales[m * groups + g])), acc[m]);
      acc[m] = fma(o, set(sums[m * groups + g]), acc[m]);
    }
  }
  for (int m = 0; m < M; m++) put_tile(weight, tile, out + (m0 + m) * stride, &acc[m], accumulate);
}

// int8: w + 128 is the unsigned factor, 128 times the activations' sum is taken off again.
template <int M>
void int8_block(const Linear& weight, const Rows& rows, int m0, int tile, float* out, int64_t stride,
                bool accumulate) {
  const __m512i flip = _mm512_set1_epi8(char(0x80));
  const uint8_t* at = weight.data + tile * weight.tile_bytes();
  const int groups = weight.cols / kGroup;
  V acc[M];
  for (int m = 0; m < M; m++) acc[m] = set(0.0f);
  for (int g = 0; g < groups; g++, at += 544) {
    __m512i s[M];
    for (int m = 0; m < M; m++) s[m] = _mm512_setzero_si512();
#pragma GCC unroll 1
    for (int c = 0; c < 8; c++) {
      __m512i w = _mm512_xor_si512(load_codes(at + 32 + c * 64), flip);
      for (int m = 0; m < M; m++)
        dot4(s[m], w, rows.q + int64_t(m0 + m) * rows.cols + g * kGroup + c * 4);
    }
    V d = loadh(reinterpret_cast<const uint16_t*>(at));
    for (int m = 0; m < M; m++) {
      int64_t i = int64_t(m0 + m) * groups + g;
      V dot = mul(_mm512_cvtepi32_ps(s[m]), set(rows.scale[i]));
      acc[m] = fma(d, fma(set(rows.sum[i]), set(-128.0f), dot), acc[m]);
    }
  }
  for (int m = 0; m < M; m++) put_tile(weight, tile, out + (m0 + m) * stride, &acc[m], accumulate);
}

void product(const Linear& weight, const Rows& rows, int first, int last, float* out, int64_t stride,
             bool accumulate) {
  if (weight.format == kFloat32) return float_product<false>(weight, rows, first, last, out, stride, accumulate);
  if (weight.format == kBfloat16) return float_product<true>(weight, rows, first, last, out, stride, accumulate);
  for (int tile = first; tile < last; tile++) {
    int m = 0;
    if (weight.format == kInt8) {
      for (; m + 8 <= rows.count; m += 8) int8_block<8>(weight, rows, m, tile, out, stride, accumulate);
      for (; m + 2 <= rows.count; m += 2) int8_block<2>(weight, rows, m, tile, out, stride, accumulate);
      for (; m < rows.count; m++) int8_block<1>(weight, rows, m, tile, out, stride, accumulate);
      continue;
    }
    if (rows.count == 1) {
      int4_single(weight, rows, tile, out, accumulate);
      continue;
    }
    for (; m + 8 <= rows.count; m += 8) int4_block<8>(weight, rows, m, tile, out, stride, accumulate);
    for (; m + 4 <= rows.count; m += 4) int4_block<4>(weight, rows, m, tile, out, stride, accumulate);
    for (; m + 2 <= rows.count; m += 2) int4_block<2>(weight, rows, m, tile, out, stride, accumulate);
    if (m < rows.count) int4_block<1>(weight, rows, m, tile, out, stride, accumulate);
  }
}

}  // namespace avx512
}  // namespace attune
#include "target_end.h"

namespace attune {
const Kernels* avx512_kernels() {
  static const Kernels table = {"avx512", avx512::quantize, avx512::rms_norm, avx512::product,
                                avx512::attend, avx512::gate, avx512::softcap, avx512::to_half};
  return x86_has_avx512() ? &table : nullptr;
}
}  // namespace attune
#else
namespace attune {
const Kernels* avx512_kernels() { return nullptr; }
}  // namespace attune
#endif
