// The kernels for x86 processors with AVX2, FMA and F16C.
#include "kernels.h"
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "tiles.h"
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

using I = __m256i;
inline I set_int(int32_t x) { return _mm256_set1_epi32(x); }
inline V to_float(I x) { return _mm256_cvtepi32_ps(x); }
inline V load_bytes(const uint8_t* p) {
  return to_float(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
inline V load_signed(const uint8_t* p) {
  return to_float(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
constexpr int kZero8 = 0;
constexpr int kManyRows = 4, kManyParts = 2, kFewParts = 2;

// See unpack_scale in tiles.h: 192 bytes -> 128 scales, 128 minimums.
inline void split_scales(const uint8_t* from, uint8_t* to) {
  const I low = _mm256_set1_epi8(15), top = _mm256_set1_epi8(48);
  for (int i = 0; i < 2; i++) {
    I high = load_codes(from + 128 + i * 32);
    for (int half = 0; half < 2; half++) {
      int at = half * 64 + i * 32;
      I both = load_codes(from + at);
      I upper = half ? high : _mm256_slli_epi16(high, 4), lower = half ? _mm256_srli_epi16(high, 2) : _mm256_slli_epi16(high, 2);
      I scale = _mm256_or_si256(_mm256_and_si256(both, low), _mm256_and_si256(upper, top));
      I least = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(both, 4), low), _mm256_and_si256(lower, top));
      _mm256_store_si256(reinterpret_cast<I*>(to + at), scale);
      _mm256_store_si256(reinterpret_cast<I*>(to + 128 + at), least);
    }
  }
}

// maddubs adds two products in 16 bits: eight pairs of 4-bit codes fit (8 x 2 x 15 x 127), four of 5-bit codes, two of
// 6-bit codes and one of 7 bits.
template <int M, int P>
inline void add_products(const I (&codes)[P], const int8_t* q, int64_t cols, I (&s)[M][P]) {
  for (int m = 0; m < M; m++) {
    I a = broadcast4(q + m * cols);
    for (int p = 0; p < P; p++) s[m][p] = _mm256_add_epi16(s[m][p], _mm256_maddubs_epi16(codes[p], a));
  }
}

template <int kBits, int M, int P>
inline void dots(const uint8_t* at, int p0, const int8_t* q, int64_t cols, I (&s)[M][P]) {
  const I mask = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  if constexpr (kBits == 8) {  // |w| is the unsigned factor, the activation takes w's sign
    for (int m = 0; m < M; m++)
      for (int p = 0; p < P; p++) s[m][p] = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int c = 0; c < 8; c++)
      for (int p = 0; p < P; p++) {
        I w = load_codes(at + c * 64 + (p0 + p) * 32), positive = _mm256_abs_epi8(w);
        for (int m = 0; m < M; m++) {
          I pairs = _mm256_maddubs_epi16(positive, _mm256_sign_epi8(broadcast4(q + m * cols + c * 4), w));
          s[m][p] = _mm256_add_epi32(s[m][p], _mm256_madd_epi16(pairs, ones));
        }
      }
  } else if constexpr (kBits == 4) {
    for (int m = 0; m < M; m++)
      for (int p = 0; p < P; p++) s[m][p] = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int c = 0; c < 4; c++) {
      I w[P], codes[P];
      for (int p = 0; p < P; p++) w[p] = load_codes(at + c * 64 + (p0 + p) * 32);
      for (int p = 0; p < P; p++) codes[p] = _mm256_and_si256(w[p], mask);
      add_products<M, P>(codes, q + c * 8, cols, s);
      for (int p = 0; p < P; p++) codes[p] = _mm256_and_si256(_mm256_srli_epi16(w[p], 4), mask);
      add_products<M, P>(codes, q + c * 8 + 4, cols, s);
    }
    for (int m = 0; m < M; m++)
      for (int p = 0; p < P; p++) s[m][p] = _mm256_madd_epi16(s[m][p], ones);
  } else {
    const I top = _mm256_set1_epi8(16);
    I high[P], first[M][P];
    for (int p = 0; p < P; p++) high[p] = load_codes(at + 256 + (p0 + p) * 32);
#pragma GCC unroll 1
    for (int h = 0; h < 2; h++) {
      for (int m = 0; m < M; m++)
        for (int p = 0; p < P; p++) s[m][p] = _mm256_setzero_si256();
#pragma GCC unroll 1
      for (int c = 0; c < 2; c++) {
        I w[P], codes[P];
        for (int p = 0; p < P; p++) {
          w[p] = load_codes(at + h * 128 + c * 64 + (p0 + p) * 32);
          codes[p] = _mm256_or_si256(_mm256_and_si256(w[p], mask),
                                     _mm256_and_si256(_mm256_slli_epi16(high[p], 4), top));
        }
        add_products<M, P>(codes, q + h * 16 + c * 8, cols, s);
        for (int p = 0; p < P; p++) {
          codes[p] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(w[p], 4), mask),
                                     _mm256_and_si256(_mm256_slli_epi16(high[p], 3), top));
          high[p] = _mm256_srli_epi16(high[p], 2);
        }
        add_products<M, P>(codes, q + h * 16 + c * 8 + 4, cols, s);
      }
      for (int m = 0; m < M; m++)
        for (int p = 0; p < P; p++) {
          I wide = _mm256_madd_epi16(s[m][p], ones);
          if (h)
            s[m][p] = _mm256_add_epi32(first[m][p], wide);
          else
            first[m][p] = wide;
        }
    }
  }
}

// Adds the sums of 16 columns (half h of 32) of 6-bit codes.
template <int M, int P>
inline void dots_half(const uint8_t* at, int p0, int h, const int8_t* q, int64_t cols, I (&s)[M][P]) {
  const I mask = _mm256_set1_epi8(15), top = _mm256_set1_epi8(48), ones = _mm256_set1_epi16(1);
  I high[P];
  for (int p = 0; p < P; p++) high[p] = load_codes(at + 256 + h * 64 + (p0 + p) * 32);
#pragma GCC unroll 1
  for (int c = 0; c < 2; c++) {
    I first[P], second[P];
    for (int p = 0; p < P; p++) {
      I w = load_codes(at + h * 128 + c * 64 + (p0 + p) * 32);
      first[p] = _mm256_or_si256(_mm256_and_si256(w, mask), _mm256_and_si256(_mm256_slli_epi16(high[p], 4), top));
      second[p] = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(w, 4), mask),
                                  _mm256_and_si256(_mm256_slli_epi16(high[p], 2), top));
      high[p] = _mm256_srli_epi16(high[p], 4);
    }
    for (int m = 0; m < M; m++) {
      const int8_t* a = q + m * cols + h * 16 + c * 8;
      I a0 = broadcast4(a), a1 = broadcast4(a + 4);
      for (int p = 0; p < P; p++) {
        I pairs = _mm256_add_epi16(_mm256_maddubs_epi16(first[p], a0), _mm256_maddubs_epi16(second[p], a1));
        s[m][p] = _mm256_add_epi32(s[m][p], _mm256_madd_epi16(pairs, ones));
      }
    }
  }
}

// 128 columns of 2-bit codes: 32 pairs of at most 2 x 3 x 127 fit 16 bits.
template <int M>
inline void sketch_dots(const uint8_t* at, const int8_t* q, int64_t cols, I (&s)[M][kParts]) {
  const I mask = _mm256_set1_epi8(3), ones = _mm256_set1_epi16(1);
  for (int m = 0; m < M; m++) s[m][0] = s[m][1] = _mm256_setzero_si256();
#pragma GCC unroll 1
  for (int c = 0; c < 8; c++) {
    I w[2] = {load_codes(at + c * 64), load_codes(at + c * 64 + 32)}, codes[2];
#pragma GCC unroll 4
    for (int part = 0; part < 4; part++) {
      for (int p = 0; p < 2; p++) codes[p] = _mm256_and_si256(_mm256_srli_epi16(w[p], 2 * part), mask);
      add_products<M, 2>(codes, q + c * 16 + part * 4, cols, s);
    }
  }
  for (int m = 0; m < M; m++)
    for (int p = 0; p < 2; p++) s[m][p] = _mm256_madd_epi16(s[m][p], ones);
}

#include "kernels_products.inc"

}  // namespace avx2
}  // namespace attune
#include "target_end.h"

namespace attune {
const Kernels* avx2_kernels() {
  static const Kernels table = {"avx2", avx2::quantize, avx2::rms_norm, avx2::product, avx2::sketch,
                                avx2::attend, avx2::gate, avx2::softcap, avx2::to_half};
  return x86_has_avx2() ? &table : nullptr;
}
}  // namespace attune
#else
namespace attune {
const Kernels* avx2_kernels() { return nullptr; }
}  // namespace attune
#endif
