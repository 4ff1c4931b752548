// The kernels for x86 processors with AVX-512 (F, BW, VL) and its VNNI dot products.
#include "kernels.h"
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "tiles.h"
#include "x86_features.h"
#ifndef ATTUNE_TARGET  // the tests compile this file for AVX2, with the AVX-512 intrinsics emulated
#define ATTUNE_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni"
#endif
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
#if defined(__GNUC__) && !defined(ATTUNE_EMULATED)
  typedef int32_t __attribute__((may_alias)) Four;
  asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sums) : "v"(codes), "m"(*reinterpret_cast<const Four*>(p)));
#else
  sums = _mm512_dpbusd_epi32(sums, codes, broadcast4(p));
#endif
}

using I = __m512i;
inline I or_masked(I a, I b, I mask) { return _mm512_ternarylogic_epi64(a, b, mask, 0xf8); }  // a | (b & mask)
inline I load_codes(const uint8_t* p) { return _mm512_loadu_si512(reinterpret_cast<const void*>(p)); }
inline I set_int(int32_t x) { return _mm512_set1_epi32(x); }
inline V to_float(I x) { return _mm512_cvtepi32_ps(x); }
inline __m128i load_16(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline V load_bytes(const uint8_t* p) { return to_float(_mm512_cvtepu8_epi32(load_16(p))); }
inline V load_signed(const uint8_t* p) { return to_float(_mm512_cvtepi8_epi32(load_16(p))); }
constexpr int kZero8 = 128;  // an int8 code + 128 is the unsigned factor
constexpr int kManyRows = 8, kManyParts = 1, kFewParts = 1;

// See unpack_scale in tiles.h: 192 bytes -> 128 scales, 128 minimums.
inline void split_scales(const uint8_t* from, uint8_t* to) {
  const I low = _mm512_set1_epi8(15), top = _mm512_set1_epi8(48);
  I high = load_codes(from + 128);
  for (int half = 0; half < 2; half++) {
    I both = load_codes(from + half * 64);
    I upper = half ? high : _mm512_slli_epi16(high, 4), lower = half ? _mm512_srli_epi16(high, 2) : _mm512_slli_epi16(high, 2);
    I scale = or_masked(_mm512_and_si512(both, low), upper, top);
    I least = or_masked(_mm512_and_si512(_mm512_srli_epi16(both, 4), low), lower, top);
    _mm512_store_si512(reinterpret_cast<void*>(to + half * 64), scale);
    _mm512_store_si512(reinterpret_cast<void*>(to + 128 + half * 64), least);
  }
}

template <int kBits, int M, int P>
inline void dots(const uint8_t* at, int, const int8_t* q, int64_t cols, I (&s)[M][P]) {
  const I mask = _mm512_set1_epi8(15);
  for (int m = 0; m < M; m++) s[m][0] = _mm512_setzero_si512();
  if constexpr (kBits == 8) {
    const I flip = _mm512_set1_epi8(char(0x80));
#pragma GCC unroll 1
    for (int c = 0; c < 8; c++) {
      I w = _mm512_xor_si512(load_codes(at + c * 64), flip);
      for (int m = 0; m < M; m++) dot4(s[m][0], w, q + m * cols + c * 4);
    }
  } else {
    const I top = _mm512_set1_epi8(16);
    I high = kBits == 5 ? load_codes(at + 256) : mask;
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      I w = load_codes(at + c * 64);
      I first = _mm512_and_si512(w, mask), second = _mm512_and_si512(_mm512_srli_epi16(w, 4), mask);
      if (kBits == 5) {
        first = or_masked(first, _mm512_slli_epi16(high, 4), top);
        second = or_masked(second, _mm512_slli_epi16(high, 3), top);
        high = _mm512_srli_epi16(high, 2);
      }
      for (int m = 0; m < M; m++) dot4(s[m][0], first, q + m * cols + c * 8);
      for (int m = 0; m < M; m++) dot4(s[m][0], second, q + m * cols + c * 8 + 4);
    }
  }
}

// Adds the sums of 16 columns (half h of 32) of 6-bit codes.
template <int M, int P>
inline void dots_half(const uint8_t* at, int, int h, const int8_t* q, int64_t cols, I (&s)[M][P]) {
  const I mask = _mm512_set1_epi8(15), top = _mm512_set1_epi8(48);
  I high = load_codes(at + 256 + h * 64);
#pragma GCC unroll 1
  for (int c = 0; c < 2; c++) {
    I w = load_codes(at + h * 128 + c * 64);
    I first = or_masked(_mm512_and_si512(w, mask), _mm512_slli_epi16(high, 4), top);
    I second = or_masked(_mm512_and_si512(_mm512_srli_epi16(w, 4), mask), _mm512_slli_epi16(high, 2), top);
    high = _mm512_srli_epi16(high, 4);
    for (int m = 0; m < M; m++) dot4(s[m][0], first, q + m * cols + h * 16 + c * 8);
    for (int m = 0; m < M; m++) dot4(s[m][0], second, q + m * cols + h * 16 + c * 8 + 4);
  }
}

// 128 columns of 2-bit codes.
template <int M>
inline void sketch_dots(const uint8_t* at, const int8_t* q, int64_t cols, I (&s)[M][kParts]) {
  const I mask = _mm512_set1_epi8(3);
  I more[M];
  for (int m = 0; m < M; m++) s[m][0] = more[m] = _mm512_setzero_si512();
#pragma GCC unroll 1
  for (int c = 0; c < 8; c++) {
    I w = load_codes(at + c * 64);
#pragma GCC unroll 4
    for (int part = 0; part < 4; part++) {
      I codes = _mm512_and_si512(_mm512_srli_epi16(w, 2 * part), mask);
      for (int m = 0; m < M; m++) dot4(part % 2 ? more[m] : s[m][0], codes, q + m * cols + c * 16 + part * 4);
    }
  }
  for (int m = 0; m < M; m++) s[m][0] = _mm512_add_epi32(s[m][0], more[m]);
}

#include "kernels_products.inc"

}  // namespace avx512
}  // namespace attune
#include "target_end.h"

namespace attune {
const Kernels* avx512_kernels() {
  static const Kernels table = {"avx512", avx512::quantize, avx512::rms_norm, avx512::product, avx512::sketch,
                                avx512::attend, avx512::gate, avx512::softcap, avx512::to_half};
#if defined(ATTUNE_EMULATED)
  return &table;
#else
  return x86_has_avx512() ? &table : nullptr;
#endif
}
}  // namespace attune
#else
namespace attune {
const Kernels* avx512_kernels() { return nullptr; }
}  // namespace attune
#endif
