// Single codes and scales of a tile (see kernels.h), for everything that need not be fast.
#pragma once
#include <cmath>
#include <cstring>

#include "kernels.h"

namespace attune {

inline float half_value(uint16_t h) {
  uint32_t exponent = (h >> 10) & 31, mantissa = h & 1023;
  float value = exponent ? std::ldexp(float(mantissa | 1024), int(exponent) - 25) : std::ldexp(float(mantissa), -24);
  return h & 0x8000 ? -value : value;
}

inline float half_at(const uint8_t* halves, int i) {
  uint16_t h;
  std::memcpy(&h, halves + i * 2, 2);
  return half_value(h);
}

// The codes of 32 columns of one row: 0..15, 0..31, 0..63, or -128..127.
template <int kBits>
inline void unpack_bits(const uint8_t* at, int row, int* codes) {
  at += row * 4;
  for (int c = 0; c < 8; c++)
    for (int i = 0; i < 4; i++) {
      if (kBits == 8) {
        codes[c * 4 + i] = int8_t(at[c * 64 + i]);
        continue;
      }
      int code = at[c / 2 * 64 + i] >> (c % 2 * 4) & 15;
      if (kBits == 5) code |= (at[256 + i] >> c & 1) << 4;
      if (kBits == 6) code |= (at[256 + c / 4 * 64 + i] >> (c % 4 * 2) & 3) << 4;
      codes[c * 4 + i] = code;
    }
}

inline void unpack_codes(int bits, const uint8_t* at, int row, int* codes) {
  switch (bits) {
    case 4: return unpack_bits<4>(at, row, codes);
    case 5: return unpack_bits<5>(at, row, codes);
    case 6: return unpack_bits<6>(at, row, codes);
    default: return unpack_bits<8>(at, row, codes);
  }
}

// Scale and minimum (0..63) of group g (0..7) and row of a block of q4_k or q5_k: 128 bytes hold the four lower bits of
// both, 64 bytes the two upper bits of both, those of groups 0..3 in the low nibble.
inline void unpack_scale(const uint8_t* block, int g, int row, int* scale, int* minimum) {
  int i = g * kTile + row;
  uint8_t low = block[64 + i], high = block[192 + i % 64] >> (i / 64 * 4);
  *scale = (low & 15) | (high & 3) << 4;
  *minimum = low >> 4 | (high & 12) << 2;
}

constexpr int zero_of(int format) { return format == kQ4_0 ? 8 : format == kQ5_0 ? 16 : format == kQ6_K ? 32 : 0; }

// Columns 32 g .. 32 g + 31 of one row of a tile as weight = scale[i / 16] * codes[i] + offset.
struct Group {
  int codes[kGroup];  // less the zero point
  float scale[2];
  float offset;
};

inline void read_group(const Linear& weight, const uint8_t* tile, int g, int row, Group* out) {
  const Layout layout = layout_of(weight.format);
  const int in_block = layout.columns / kGroup, blocks = weight.cols / layout.columns;
  const uint8_t* block = tile + int64_t(g / in_block) * layout.block;
  unpack_codes(layout.bits, block + layout.codes + g % in_block * layout.group, row, out->codes);
  const int zero = zero_of(weight.format);
  for (int& code : out->codes) code -= zero;
  const uint8_t* tail = tile + int64_t(blocks) * layout.block + int64_t(g / in_block) * layout.tail;
  out->offset = 0;
  switch (weight.format) {
    case kInt4:
    case kQ5_1:
      out->offset = half_at(block, kTile + row);
      out->scale[0] = out->scale[1] = half_at(block, row);
      return;
    case kQ4_K:
    case kQ5_K: {
      int scale, minimum;
      unpack_scale(block, g % in_block, row, &scale, &minimum);
      out->scale[0] = out->scale[1] = half_at(block, row) * float(scale);
      out->offset = -(half_at(block, kTile + row) * float(minimum));
      return;
    }
    case kQ6_K:
      for (int i = 0; i < 2; i++)
        out->scale[i] = half_at(tail, row) * float(int8_t(block[(g % in_block * 2 + i) * kTile + row]));
      return;
    default: out->scale[0] = out->scale[1] = half_at(tail, row);
  }
}

inline int sketch_code(const Linear& weight, int row, int col) {
  const uint8_t* tile = weight.data + row / kTile * weight.tile_bytes();
  return tile[col / 16 * 64 + row % kTile * 4 + col % 4] >> (col % 16 / 4 * 2) & 3;
}

inline float sketch_scale(const Linear& weight, int row, int group) {
  const uint8_t* tile = weight.data + row / kTile * weight.tile_bytes();
  return half_at(tile + int64_t(weight.cols / kSketchGroup) * 512 + group * 32, row % kTile);
}

}  // namespace attune
