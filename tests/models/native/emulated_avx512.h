// AVX-512 in ordinary code (SIMDe, and what it lacks), so that the AVX-512 kernels can be checked on any x86 processor.
// Given to the compiler with -include, before models/native/kernels_avx512.cpp.
#pragma once
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>

#include <cmath>
#include <cstdint>
#include <cstring>

template <class To, class From, class Function>
inline To lanes16(const From& from, Function function) {
  typename std::remove_pointer<decltype(function.in)>::type in[16];
  typename std::remove_pointer<decltype(function.out)>::type out[16];
  std::memcpy(in, &from, sizeof in);
  for (int i = 0; i < 16; i++) out[i] = function(in[i]);
  To to;
  std::memcpy(&to, out, sizeof to);
  return to;
}
#define ATTUNE_LANES(name, to, from, out_type, in_type, expression)          \
  struct name##_lanes {                                                      \
    in_type* in;                                                             \
    out_type* out;                                                           \
    out_type operator()(in_type x) const { return out_type(expression); }    \
  };                                                                         \
  inline to emulated_##name(from value) { return lanes16<to>(value, name##_lanes{}); }

inline float emulated_half(uint16_t h) { return simde_mm_cvtss_f32(simde_mm_cvtph_ps(simde_mm_set1_epi16(int16_t(h)))); }

ATTUNE_LANES(cvtph_ps, simde__m512, simde__m256i, float, uint16_t, emulated_half(x))
ATTUNE_LANES(cvtepu8_epi32, simde__m512i, simde__m128i, int32_t, uint8_t, x)
ATTUNE_LANES(cvtepi8_epi32, simde__m512i, simde__m128i, int32_t, int8_t, x)
ATTUNE_LANES(cvtepu16_epi32, simde__m512i, simde__m256i, int32_t, uint16_t, x)
ATTUNE_LANES(cvtps_epi32, simde__m512i, simde__m512, int32_t, float, std::nearbyint(x))
ATTUNE_LANES(cvtepi32_ps, simde__m512, simde__m512i, float, int32_t, x)
#define _mm512_cvtph_ps emulated_cvtph_ps
#define _mm512_cvtepu8_epi32 emulated_cvtepu8_epi32
#define _mm512_cvtepi8_epi32 emulated_cvtepi8_epi32
#define _mm512_cvtepu16_epi32 emulated_cvtepu16_epi32
#define _mm512_cvtps_epi32 emulated_cvtps_epi32
#define _mm512_cvtepi32_ps emulated_cvtepi32_ps
#define ATTUNE_EMULATED
#define ATTUNE_TARGET "avx2,fma,f16c"
