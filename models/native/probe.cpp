// What this machine can do at most: bytes read from memory in a second, int8 products in a second. Measured with the same
// threads and instructions as a decode step, so that its speed can be given as a fraction of them.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "choose.h"
#include "step.h"
#include "x86_features.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace attune {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Calls work(thread) on all threads at once and gives the seconds until the last one is done.
template <class Work>
double together(int threads, const Work& work) {
  std::atomic<int> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> team;
  for (int i = 1; i < threads; i++)
    team.emplace_back([&, i] {
      ready.fetch_add(1);
      while (!go.load(std::memory_order_acquire)) std::this_thread::yield();
      work(i);
    });
  while (ready.load() != threads - 1) std::this_thread::yield();
  Clock::time_point start = Clock::now();
  go.store(true, std::memory_order_release);
  work(0);
  for (auto& one : team) one.join();
  return since(start);
}

constexpr int64_t kLine = 64;

// Reads every byte of [first, last) once, in `streams` places at a time. The sum keeps the compiler from leaving it out.
// What one processor likes best differs: some need several streams, some prefetches across pages.
#if defined(__x86_64__) || defined(_M_X64)
inline __m128i line_of(const char* p) {
  const __m128i* v = reinterpret_cast<const __m128i*>(p);
  return _mm_xor_si128(_mm_xor_si128(_mm_load_si128(v), _mm_load_si128(v + 1)),
                       _mm_xor_si128(_mm_load_si128(v + 2), _mm_load_si128(v + 3)));
}
inline uint64_t folded(__m128i x) { return uint64_t(_mm_cvtsi128_si64(x)); }
inline void ahead(const char* p) { _mm_prefetch(p, _MM_HINT_T0); }
using Word = __m128i;
inline Word none() { return _mm_setzero_si128(); }
inline Word both(Word a, Word b) { return _mm_xor_si128(a, b); }
#else
using Word = uint64_t;
inline Word none() { return 0; }
inline Word both(Word a, Word b) { return a ^ b; }
inline Word line_of(const char* p) {
  const uint64_t* v = reinterpret_cast<const uint64_t*>(p);
  return (v[0] ^ v[1]) ^ (v[2] ^ v[3]) ^ ((v[4] ^ v[5]) ^ (v[6] ^ v[7]));
}
inline uint64_t folded(Word x) { return x; }
inline void ahead(const char* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}
#endif

template <int Streams>
uint64_t read_once(const char* first, int64_t bytes, int64_t distance) {
  const int64_t part = bytes / Streams / kLine * kLine;
  Word sum[Streams];
  for (int s = 0; s < Streams; s++) sum[s] = none();
  for (int64_t at = 0; at < part; at += kLine)
    for (int s = 0; s < Streams; s++) {
      const char* p = first + s * part + at;
      if (distance) ahead(p + distance);
      sum[s] = both(sum[s], line_of(p));
    }
  uint64_t total = 0;
  for (int s = 0; s < Streams; s++) total ^= folded(sum[s]);
  return total;
}

struct Pages {  // large pages where the system gives them: the fewer address translations, the nearer to the limit
  explicit Pages(int64_t bytes) : size(bytes) {
#if defined(__linux__)
    data = static_cast<char*>(mmap(nullptr, size_t(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (data == MAP_FAILED) throw std::bad_alloc();
    madvise(data, size_t(size), MADV_HUGEPAGE);
#else
    raw.resize(size_t(size + kLine));
    data = raw.data() + (kLine - reinterpret_cast<uintptr_t>(raw.data()) % kLine) % kLine;
#endif
  }
  ~Pages() {
#if defined(__linux__)
    munmap(data, size_t(size));
#endif
  }
  int64_t size;
  char* data = nullptr;
  std::vector<char> raw;
};

double read_bandwidth(int64_t bytes, int threads, double seconds) {
  const int64_t share = bytes / threads / (4 * kLine) * (4 * kLine);
  Pages pages(share * threads);
  std::vector<uint64_t> kept(size_t(threads) * 8);  // a line apart
  together(threads, [&](int i) { std::memset(pages.data + i * share, i + 1, size_t(share)); });
  double best = 0;
  const Clock::time_point start = Clock::now();
  for (int round = 0; round < 6 || since(start) < seconds; round++) {
    const int way = round % 6;
    double took = together(threads, [&](int i) {
      const char* own = pages.data + i * share;
      const int64_t distance = way % 2 ? 2048 : 0;
      uint64_t sum = way < 2   ? read_once<1>(own, share, distance)
                     : way < 4 ? read_once<2>(own, share, distance)
                               : read_once<4>(own, share, distance);
      kept[size_t(i) * 8] ^= sum;
    });
    best = std::max(best, double(share) * threads / took);
  }
  return best;
}

// Products of int8 codes in registers only, `rounds` times kProducts, as the widest instructions in use make them.
constexpr int kChains = 4;  // independent sums
#if defined(__x86_64__) && defined(__GNUC__)
#define ATTUNE_FOR(features) __attribute__((target(features)))

ATTUNE_FOR("avx512f,avx512bw,avx512vnni") int64_t dots_avx512(int64_t rounds, int64_t& products) {
  __m512i sum[kChains], a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
  for (auto& one : sum) one = _mm512_setzero_si512();
  for (int64_t r = 0; r < rounds; r++) {
    for (int i = 0; i < kChains; i++) sum[i] = _mm512_dpbusd_epi32(sum[i], a, b);
    __asm__ volatile("" : "+v"(a), "+v"(b));
  }
  products = rounds * kChains * 64;
  for (int i = 1; i < kChains; i++) sum[0] = _mm512_add_epi32(sum[0], sum[i]);
  int32_t lanes[16];
  _mm512_storeu_si512(lanes, sum[0]);
  return lanes[0];
}

// Eight byte products are added up in 16 bits, then widened: what the sums of a group of 32 columns need at least.
ATTUNE_FOR("avx2") int64_t dots_avx2(int64_t rounds, int64_t& products) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i total = _mm256_setzero_si256(), a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5);
  for (int64_t r = 0; r < rounds; r++) {
    __m256i sum[kChains];
    for (auto& one : sum) one = _mm256_setzero_si256();
#pragma GCC unroll 1
    for (int step = 0; step < 8; step++)
      for (int i = 0; i < kChains; i++) {
        __asm__ volatile("" : "+x"(a));  // another product each time, as far as the compiler knows
        sum[i] = _mm256_add_epi16(sum[i], _mm256_maddubs_epi16(a, b));
      }
    for (int i = 0; i < kChains; i++) total = _mm256_add_epi32(total, _mm256_madd_epi16(sum[i], ones));
  }
  products = rounds * kChains * 8 * 32;
  return _mm256_extract_epi32(total, 0);
}
#endif

int64_t dots_plain(int64_t rounds, int64_t& products) {
  static const int kLength = 256;
  int8_t a[kLength], b[kLength];
  for (int i = 0; i < kLength; i++) a[i] = int8_t(i), b[i] = int8_t(i * 3);
  int64_t total = 0;
  for (int64_t r = 0; r < rounds; r++) {
    int32_t sum = 0;
    for (int i = 0; i < kLength; i++) sum += int32_t(a[i]) * b[i];
    a[r % kLength] ^= 1;
    total += sum;
  }
  products = rounds * kLength;
  return total;
}

double dot_peak(int threads, double seconds) {
  const std::string name = chosen_kernels()->name;
#if defined(_MSC_VER) && !defined(__clang__)
  if (name != "plain") return 0;  // this compiler would leave the repeated products out
#endif
  int64_t (*dots)(int64_t, int64_t&) = dots_plain;
#if defined(__x86_64__) && defined(__GNUC__)
  if (name == "avx512") dots = dots_avx512;
  if (name == "avx2") dots = dots_avx2;
#endif
  std::vector<int64_t> kept(size_t(threads) * 8), counts(kept.size());
  double best = 0;
  const Clock::time_point start = Clock::now();
  for (int round = 0; round < 3 || since(start) < seconds; round++) {
    double took = together(threads, [&](int i) { kept[size_t(i) * 8] ^= dots(200000, counts[size_t(i) * 8]); });
    double done = 0;
    for (int i = 0; i < threads; i++) done += double(counts[size_t(i) * 8]);
    best = std::max(best, done / took);
  }
  return best;
}

}  // namespace
}  // namespace attune

// The best of many passes over `bytes` of memory, in bytes a second; 0: not enough memory.
ATTUNE_EXPORT double attune_read_bandwidth(int64_t bytes, int threads, double seconds) {
  try {
    return attune::read_bandwidth(bytes, threads < 1 ? 1 : threads, seconds);
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

// Multiplications of int8 codes a second, each with its addition, by the instructions that the chosen kernels use; 0: not known
// with this compiler.
ATTUNE_EXPORT double attune_dot_peak(int threads, double seconds) {
  return attune::dot_peak(threads < 1 ? 1 : threads, seconds);
}
