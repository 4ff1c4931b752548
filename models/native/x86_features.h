// What this x86 processor and its operating system allow.
#pragma once
#if defined(_MSC_VER) && !defined(__clang__)
#include <immintrin.h>
#include <intrin.h>
namespace attune {
inline bool x86_bit(int leaf, int reg, int bit) {
  int r[4];
  __cpuidex(r, leaf, 0);
  return (r[reg] >> bit) & 1;
}
inline bool x86_has_avx2() {
  return x86_bit(1, 2, 27) && (_xgetbv(0) & 6) == 6 && x86_bit(1, 2, 12) && x86_bit(1, 2, 29) && x86_bit(7, 1, 5);
}
inline bool x86_has_avx512() {
  return x86_has_avx2() && (_xgetbv(0) & 0xe6) == 0xe6 && x86_bit(7, 1, 16) && x86_bit(7, 1, 30) &&
         x86_bit(7, 1, 31) && x86_bit(7, 2, 11);
}
}  // namespace attune
#else
namespace attune {
inline bool x86_has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");  // each such processor has F16C too
}
inline bool x86_has_avx512() {
  return x86_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
}  // namespace attune
#endif
