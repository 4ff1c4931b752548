// Puts the blocks of a GGUF tensor into the order of the kernels' tiles (kernels.h), bit for bit, on several threads.
// Block layouts: ggml-common.h of llama.cpp.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include "kernels.h"
#include "step.h"

namespace attune {
namespace {

// GGML's numbers of the types.
enum Type { F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q4_K = 12, Q5_K = 13, Q6_K = 14, BF16 = 30 };

int format_of(int type) {
  switch (type) {
    case F32: return kFloat32;
    case F16: return kFloat16;
    case BF16: return kBfloat16;
    case Q4_0: return kQ4_0;
    case Q4_1: return kInt4;
    case Q5_0: return kQ5_0;
    case Q5_1: return kQ5_1;
    case Q8_0: return kInt8;
    case Q4_K: return kQ4_K;
    case Q5_K: return kQ5_K;
    case Q6_K: return kQ6_K;
    default: return -1;
  }
}

int block_bytes(int type) {
  switch (type) {
    case F32: return 4;
    case F16:
    case BF16: return 2;
    case Q4_0: return 18;
    case Q4_1: return 20;
    case Q5_0: return 22;
    case Q5_1: return 24;
    case Q8_0: return 34;
    case Q4_K: return 144;
    case Q5_K: return 176;
    default: return 210;
  }
}

using Codes = uint8_t[kTile][kGroup];  // of 16 rows x 32 columns, one a byte

inline uint32_t word(const uint8_t* p) {
  uint32_t value;
  std::memcpy(&value, p, 4);
  return value;
}

// kBits = 4, 5, 6: nibbles and planes; 8: as they are.
template <int kBits>
void put_codes(const Codes& codes, uint8_t* out) {
  uint32_t words[96];  // 384 bytes
  if (kBits == 8) {
    for (int c = 0; c < 8; c++)
      for (int r = 0; r < kTile; r++) std::memcpy(out + c * 64 + r * 4, codes[r] + c * 4, 4);
    return;
  }
  for (int r = 0; r < kTile; r++) {
    uint32_t w[8];
    for (int c = 0; c < 8; c++) w[c] = word(codes[r] + c * 4);
    for (int c = 0; c < 4; c++) words[c * 16 + r] = (w[2 * c] & 0x0f0f0f0fu) | (w[2 * c + 1] & 0x0f0f0f0fu) << 4;
    if (kBits == 5) {
      uint32_t plane = 0;
      for (int c = 0; c < 8; c++) plane |= (w[c] >> 4 & 0x01010101u) << c;
      words[64 + r] = plane;
    }
    if (kBits == 6)
      for (int half = 0; half < 2; half++) {
        uint32_t plane = 0;
        for (int c = 0; c < 4; c++) plane |= (w[half * 4 + c] >> 4 & 0x03030303u) << (2 * c);
        words[64 + half * 16 + r] = plane;
      }
  }
  std::memcpy(out, words, kBits == 4 ? 256 : kBits == 5 ? 320 : 384);
}

// One block of 32 columns -> its codes; scale and offset are copied by the caller.
template <int kType>
inline void take_block(const uint8_t* block, uint8_t* codes) {
  if (kType == Q8_0) {
    std::memcpy(codes, block + 2, kGroup);
    return;
  }
  const uint8_t* nibbles = block + block_bytes(kType) - 16;
  for (int i = 0; i < 16; i++) {
    codes[i] = nibbles[i] & 15;
    codes[i + 16] = nibbles[i] >> 4;
  }
  if (kType == Q5_0 || kType == Q5_1) {
    uint32_t high = word(nibbles - 4);
    for (int i = 0; i < kGroup; i++) codes[i] |= uint8_t((high >> i & 1) << 4);
  }
}

template <int kType>
void pack_blocks(const uint8_t* const* rows, int cols, uint8_t* out) {
  constexpr int format = kType == Q8_0 ? kInt8 : kType == Q4_0 ? kQ4_0 : kType == Q4_1 ? kInt4 : kType == Q5_0 ? kQ5_0 : kQ5_1;
  constexpr Layout layout = layout_of(format);
  constexpr int size = kType == Q8_0 ? 34 : kType == Q4_0 ? 18 : kType == Q4_1 ? 20 : kType == Q5_0 ? 22 : 24;
  const int groups = cols / kGroup;
  for (int g = 0; g < groups; g++) {
    alignas(64) Codes codes;
    uint8_t* block = out + int64_t(g) * layout.block;
    uint8_t* scales = layout.tail ? out + int64_t(groups) * layout.block + g * layout.tail : block;
    for (int r = 0; r < kTile; r++) {
      const uint8_t* from = rows[r] + int64_t(g) * size;
      take_block<kType>(from, codes[r]);
      std::memcpy(scales + r * 2, from, 2);
      if (!layout.tail) std::memcpy(scales + 32 + r * 2, from + 2, 2);
    }
    put_codes<layout.bits>(codes, block + layout.codes);
  }
}

// q4_k and q5_k.
template <int kBits>
void pack_super(const uint8_t* const* rows, int cols, uint8_t* out) {
  constexpr Layout layout = layout_of(kBits == 4 ? kQ4_K : kQ5_K);
  constexpr int size = kBits == 4 ? 144 : 176;
  for (int b = 0; b < cols / kSuper; b++, out += layout.block) {
    std::memset(out + 192, 0, 64);
    for (int r = 0; r < kTile; r++) {
      const uint8_t* from = rows[r] + int64_t(b) * size;
      std::memcpy(out + r * 2, from, 2);
      std::memcpy(out + 32 + r * 2, from + 2, 2);
      const uint8_t* s = from + 4;
      for (int g = 0; g < 8; g++) {
        int scale = g < 4 ? s[g] & 63 : (s[g + 4] & 15) | (s[g - 4] >> 6) << 4;
        int minimum = g < 4 ? s[g + 4] & 63 : s[g + 4] >> 4 | (s[g] >> 6) << 4;
        int i = g * kTile + r;
        out[64 + i] = uint8_t((scale & 15) | (minimum & 15) << 4);
        out[192 + i % 64] |= uint8_t((scale >> 4 | (minimum >> 4) << 2) << (i / 64 * 4));
      }
    }
    for (int pair = 0; pair < 4; pair++) {  // 64 columns: low nibbles, then high nibbles
      alignas(64) Codes low, high;
      for (int r = 0; r < kTile; r++) {
        const uint8_t* from = rows[r] + int64_t(b) * size;
        const uint8_t* nibbles = from + size - 128 + pair * 32;
        const uint8_t* plane = from + 16;
        for (int i = 0; i < kGroup; i++) {
          low[r][i] = nibbles[i] & 15;
          high[r][i] = nibbles[i] >> 4;
        }
        if (kBits == 5)
          for (int i = 0; i < kGroup; i++) {
            low[r][i] |= uint8_t((plane[i] >> (2 * pair) & 1) << 4);
            high[r][i] |= uint8_t((plane[i] >> (2 * pair + 1) & 1) << 4);
          }
      }
      put_codes<kBits>(low, out + layout.codes + (2 * pair) * layout.group);
      put_codes<kBits>(high, out + layout.codes + (2 * pair + 1) * layout.group);
    }
  }
}

void pack_q6_k(const uint8_t* const* rows, int cols, uint8_t* out) {
  constexpr Layout layout = layout_of(kQ6_K);
  uint8_t* tail = out + int64_t(cols / kSuper) * layout.block;
  for (int b = 0; b < cols / kSuper; b++, out += layout.block, tail += layout.tail) {
    for (int r = 0; r < kTile; r++) {
      const uint8_t* from = rows[r] + int64_t(b) * 210;
      for (int g = 0; g < 16; g++) out[g * kTile + r] = from[192 + g];
      std::memcpy(tail + r * 2, from + 208, 2);
    }
    for (int g = 0; g < 8; g++) {
      alignas(64) Codes codes;
      const int n = g / 4, quarter = g % 4;  // of 128 columns
      for (int r = 0; r < kTile; r++) {
        const uint8_t* from = rows[r] + int64_t(b) * 210;
        const uint8_t* low = from + n * 64 + quarter % 2 * 32;
        const uint8_t* high = from + 128 + n * 32;
        for (int i = 0; i < kGroup; i++)
          codes[r][i] = uint8_t((low[i] >> (quarter / 2 * 4) & 15) | (high[i] >> (quarter * 2) & 3) << 4);
      }
      put_codes<6>(codes, out + layout.codes + g * layout.group);
    }
  }
}

template <class T>
void pack_plain(const uint8_t* const* rows, int cols, uint8_t* out) {
  for (int k = 0; k < cols; k++)
    for (int r = 0; r < kTile; r++) std::memcpy(out + (int64_t(k) * kTile + r) * sizeof(T), rows[r] + k * sizeof(T), sizeof(T));
}

void pack_tile(int type, const uint8_t* const* rows, int cols, uint8_t* out) {
  switch (type) {
    case F32: return pack_plain<uint32_t>(rows, cols, out);
    case F16:
    case BF16: return pack_plain<uint16_t>(rows, cols, out);
    case Q4_0: return pack_blocks<Q4_0>(rows, cols, out);
    case Q4_1: return pack_blocks<Q4_1>(rows, cols, out);
    case Q5_0: return pack_blocks<Q5_0>(rows, cols, out);
    case Q5_1: return pack_blocks<Q5_1>(rows, cols, out);
    case Q8_0: return pack_blocks<Q8_0>(rows, cols, out);
    case Q4_K: return pack_super<4>(rows, cols, out);
    case Q5_K: return pack_super<5>(rows, cols, out);
    default: return pack_q6_k(rows, cols, out);
  }
}

}  // namespace

int64_t packed_size(int format, int rows, int cols) {
  if (format < 0 || format >= kFormats || rows < 1 || cols < 1 || cols % layout_of(format).columns) return -1;
  Linear weight{format, rows, cols, 1, nullptr, nullptr};
  return (weight.tile_bytes() * weight.tiles() + 63) / 64 * 64;
}

int pack(int type, const uint8_t* data, int rows, int cols, uint8_t* out, const int32_t* order, int threads) {
  const int format = format_of(type);
  const int64_t size = packed_size(format, rows, cols);
  if (size < 0) return 2;
  const Linear weight{format, rows, cols, 1, nullptr, nullptr};
  const int64_t row_bytes = int64_t(cols / layout_of(format).columns) * block_bytes(type), tile_bytes = weight.tile_bytes();
  const int64_t used = int64_t(cols / layout_of(format).columns) * (layout_of(format).block + layout_of(format).tail);
  const std::vector<uint8_t> nothing(size_t(row_bytes), 0);
  std::atomic<int> next{0};
  auto work = [&] {
    constexpr int kPiece = 8;
    for (int first; (first = next.fetch_add(kPiece)) < weight.tiles();)
      for (int tile = first; tile < std::min(first + kPiece, weight.tiles()); tile++) {
        const uint8_t* from[kTile];
        for (int r = 0; r < kTile; r++) {
          int row = tile * kTile + r;
          from[r] = row < rows ? data + int64_t(order ? order[row] : row) * row_bytes : nothing.data();
        }
        pack_tile(type, from, cols, out + tile * tile_bytes);
        std::memset(out + tile * tile_bytes + used, 0, size_t(tile_bytes - used));
      }
  };
  std::vector<std::thread> team;
  for (int i = 1; i < threads; i++) team.emplace_back(work);
  work();
  for (auto& thread : team) thread.join();
  std::memset(out + tile_bytes * weight.tiles(), 0, size_t(size - tile_bytes * weight.tiles()));
  return 0;
}

}  // namespace attune

// Bytes of a packed matrix, a multiple of 64; -1: no such format or a width it cannot have.
ATTUNE_EXPORT int64_t attune_packed_size(int format, int rows, int cols) {
  return attune::packed_size(format, rows, cols);
}

// 0: done; 1: out of memory or threads; 2: no such type or a width it cannot have.
ATTUNE_EXPORT int attune_pack(int type, const uint8_t* data, int rows, int cols, uint8_t* out, const int32_t* order,
                              int threads) {
  try {
    return attune::pack(type, data, rows, cols, out, order, threads);
  } catch (const std::exception&) {
    return 1;
  }
}
