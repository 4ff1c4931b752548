// Chooses the kernels once a process: the widest instructions whose results agree with the plain kernels'.
//
// The self-check (a few milliseconds) is there because a kernel for a processor that a release was never tested on must
// not turn replies into noise: it falls back to the next set instead.
#include "choose.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "tiles.h"

namespace attune {
namespace {

std::atomic<const Kernels*> g_chosen{nullptr};

struct Noise {
  uint32_t state = 12345;
  uint32_t bits() { return state = state * 1664525u + 1013904223u; }
  float value() { return float(int32_t(bits()) >> 8) / 8388608.0f; }
};

bool close(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0, size = 1e-6;
  for (size_t i = 0; i < a.size(); i++) {
    if (!std::isfinite(a[i])) return false;
    error = std::max(error, double(std::fabs(a[i] - b[i])));
    size = std::max(size, double(std::fabs(b[i])));
  }
  return error < 1e-3 * size;
}

// Random bytes as a matrix of this format: any bytes are codes, but scales and floats must be of ordinary size.
std::vector<uint8_t> random_matrix(const Linear& weight, Noise& noise) {
  const Layout layout = layout_of(weight.format);
  const int blocks = weight.cols / layout.columns;
  const int64_t tile = weight.tile_bytes();
  std::vector<uint8_t> data(size_t(tile) * weight.tiles());
  for (auto& byte : data) byte = uint8_t(noise.bits() >> 24);
  auto put_halves = [&](int64_t at, int count, uint32_t base, int bits) {
    for (int i = 0; i < count; i++) {
      uint16_t half = uint16_t(base + (noise.bits() >> (32 - bits)));
      std::memcpy(&data[size_t(at) + i * 2], &half, 2);
    }
  };
  if (weight.format == kFloat32)
    for (size_t i = 0; i + 4 <= data.size(); i += 4) {
      float value = noise.value();
      std::memcpy(&data[i], &value, 4);
    }
  else if (!weight.quantized())
    put_halves(0, int(data.size() / 2), weight.format == kBfloat16 ? 0x3e00 : 0x2c00, 8);
  else
    for (int64_t at = 0; at < int64_t(data.size()); at += tile)
      for (int b = 0; b < blocks; b++)
        if (layout.tail)
          put_halves(at + int64_t(blocks) * layout.block + b * layout.tail, kTile, 0x2000, 10);
        else
          put_halves(at + int64_t(b) * layout.block, 2 * kTile, 0x2000, 10);
  return data;
}

// The same product by both; rows 43 leaves the last tile unfilled.
bool product_agrees(const Kernels& one, int format, int count) {
  const int rows = 43, cols = layout_of(format).columns == kSuper ? 512 : 96, groups = cols / kGroup;
  Noise noise;
  Linear weight{format, rows, cols, 1, nullptr, nullptr};
  const std::vector<uint8_t> data = random_matrix(weight, noise);
  weight.data = data.data();
  std::vector<float> x(size_t(count) * cols), expected(size_t(count) * rows), got(expected.size());
  for (auto& value : x) value = noise.value();
  std::vector<int8_t> q(x.size());
  std::vector<float> scale(count * groups), sum(scale.size());
  std::vector<int32_t> low(scale.size() * 2);
  auto fill = [&](const Kernels& k, std::vector<float>& out) {
    for (int m = 0; m < count; m++)
      k.quantize(&x[m * cols], cols, &q[m * cols], &scale[m * groups], &sum[m * groups], &low[m * groups * 2]);
    Rows input{x.data(), q.data(), scale.data(), sum.data(), low.data(), count, cols};
    k.product(weight, input, 0, weight.tiles(), out.data(), rows, false);
  };
  fill(*plain_kernels(), expected);
  fill(one, got);
  return close(got, expected);
}

bool sketch_agrees(const Kernels& one, int count) {
  const int rows = 43, cols = 384, groups = cols / kSketchGroup;
  Noise noise;
  Linear weight{kSketch, rows, cols, 1, nullptr, nullptr};
  const std::vector<uint8_t> data = random_matrix(weight, noise);
  weight.data = data.data();
  std::vector<int8_t> q(size_t(count) * cols);
  std::vector<float> scale(count * groups), sum(scale.size()), expected(count * rows), got(expected.size());
  for (auto& code : q) code = int8_t(int(noise.bits() >> 24) % 255 - 127);
  for (auto& value : scale) value = 0.01f + std::fabs(noise.value());
  for (auto& value : sum) value = noise.value();
  SketchRows input{q.data(), scale.data(), sum.data(), count, cols};
  plain_kernels()->sketch(weight, input, 0, weight.tiles(), expected.data(), rows);
  one.sketch(weight, input, 0, weight.tiles(), got.data(), rows);
  return close(got, expected);
}

bool attention_agrees(const Kernels& one, int half, int count) {
  const int d = 32, shared = 16, own = 32;
  Noise noise;
  std::vector<float> keys((shared + own) * d), values(keys.size()), q(4 * d);
  for (auto& x : keys) x = noise.value();
  for (auto& x : values) x = noise.value();
  for (auto& x : q) x = noise.value() * 3;
  std::vector<uint16_t> half_keys(keys.size()), half_values(keys.size());
  plain_kernels()->to_half(keys.data(), int(keys.size()), half_keys.data());
  one.to_half(values.data(), int(values.size()), half_values.data());
  std::vector<float> results[2], scores(4 * 64);
  for (int i = 0; i < 2; i++) {
    results[i].resize(size_t(count) * d);
    Attention a{};
    const char* k = half ? reinterpret_cast<char*>(half_keys.data()) : reinterpret_cast<char*>(keys.data());
    const char* v = half ? reinterpret_cast<char*>(half_values.data()) : reinterpret_cast<char*>(values.data());
    int64_t skip = int64_t(shared) * d * (half ? 2 : 4);
    a.shared_keys = k, a.shared_values = v, a.own_keys = k + skip, a.own_values = v + skip;
    a.shared = shared, a.head_dim = d, a.half = half, a.scale = 0.2f, a.softcap = half ? 0.0f : 5.0f;
    a.count = count, a.scores = scores.data(), a.scores_stride = 64;
    for (int n = 0; n < count; n++) {
      a.q[n] = &q[n * d], a.out[n] = &results[i][n * d];
      a.first[n] = n * 5, a.last[n] = 33 + n;
    }
    (i ? one : *plain_kernels()).attend(a);
  }
  return close(results[1], results[0]);
}

bool vectors_agree(const Kernels& one) {
  const int n = 53;
  Noise noise;
  std::vector<float> x(n), y(n), a(n), b(n);
  for (auto& value : x) value = noise.value() * 6;
  for (auto& value : y) value = noise.value();
  plain_kernels()->rms_norm(x.data(), y.data(), 1e-5f, n, a.data());
  one.rms_norm(x.data(), y.data(), 1e-5f, n, b.data());
  if (!close(b, a)) return false;
  for (int kind : {kSilu, kGeluTanh, kGelu}) {
    plain_kernels()->gate(x.data(), y.data(), n, kind, a.data());
    one.gate(x.data(), y.data(), n, kind, b.data());
    if (!close(b, a)) return false;
  }
  a = b = x;
  plain_kernels()->softcap(a.data(), n, 3.0f);
  one.softcap(b.data(), n, 3.0f);
  return close(b, a);
}

bool agrees(const Kernels& one) {
  if (!vectors_agree(one)) return false;
  for (int count : {1, 2, 3, 4, 7, 15}) {
    if (!sketch_agrees(one, count)) return false;
    for (int format = 0; format < kFormats; format++)
      if (!product_agrees(one, format, count)) return false;
    for (int half : {0, 1})
      if (count <= 4 && !attention_agrees(one, half, count)) return false;
  }
  return true;
}

}  // namespace

int choose_kernels(const char* name) {
  for (const Kernels* one : {avx512_kernels(), avx2_kernels(), plain_kernels()}) {
    if (!one || (*name && std::strcmp(name, one->name) != 0)) continue;
    if (one != plain_kernels() && !agrees(*one)) continue;
    g_chosen.store(one);
    return 0;
  }
  return 1;
}

const Kernels* chosen_kernels() {
  if (!g_chosen.load()) choose_kernels("");
  return g_chosen.load();
}

void read_row(const Linear& weight, int row, float* out) {
  const uint8_t* tile = weight.data + row / kTile * weight.tile_bytes();
  const int r = row % kTile;
  if (weight.quantized()) {
    for (int g = 0; g < weight.cols / kGroup; g++) {
      Group group;
      read_group(weight, tile, g, r, &group);
      for (int i = 0; i < kGroup; i++) out[g * kGroup + i] = group.scale[i / 16] * float(group.codes[i]) + group.offset;
    }
    return;
  }
  for (int k = 0; k < weight.cols; k++) {
    int at = k * kTile + r;
    if (weight.format == kFloat16) {
      out[k] = half_at(tile, at);
      continue;
    }
    uint32_t bits = 0;
    if (weight.format == kFloat32)
      std::memcpy(&bits, tile + int64_t(at) * 4, 4);
    else
      std::memcpy(reinterpret_cast<char*>(&bits) + 2, tile + int64_t(at) * 2, 2);  // little-endian
    std::memcpy(&out[k], &bits, 4);
  }
}

}  // namespace attune
