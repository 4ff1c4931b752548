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

// The same product by both; rows 43 leaves the last tile unfilled.
bool product_agrees(const Kernels& one, int format, int count) {
  const int rows = 43, cols = 96, groups = cols / kGroup;
  Noise noise;
  Linear weight{format, rows, cols, 1, nullptr, nullptr};
  std::vector<uint8_t> data(size_t(weight.tile_bytes()) * weight.tiles());
  for (auto& byte : data) byte = uint8_t(noise.bits() >> 24);
  if (format == kFloat32)
    for (size_t i = 0; i + 4 <= data.size(); i += 4) {
      float value = noise.value();
      std::memcpy(&data[i], &value, 4);
    }
  uint16_t* halves = reinterpret_cast<uint16_t*>(data.data());
  if (format == kBfloat16)
    for (size_t i = 0; i < data.size() / 2; i++) halves[i] = uint16_t(0x3e00 + (noise.bits() >> 24));
  if (format >= kInt8) {
    int64_t block = weight.tile_bytes() / groups;
    for (size_t at = 0; at < data.size(); at += block)
      for (int i = 0; i < (format == kInt4 ? 2 : 1) * kTile; i++)
        halves[at / 2 + i] = uint16_t(0x2000 + (noise.bits() >> 22));
  }
  weight.data = data.data();
  std::vector<float> x(size_t(count) * cols), expected(size_t(count) * rows), got(expected.size());
  for (auto& value : x) value = noise.value();
  std::vector<int8_t> q(x.size());
  std::vector<float> scale(count * groups), sum(scale.size());
  auto fill = [&](const Kernels& k, std::vector<float>& out) {
    for (int m = 0; m < count; m++) k.quantize(&x[m * cols], cols, &q[m * cols], &scale[m * groups], &sum[m * groups]);
    Rows input{x.data(), q.data(), scale.data(), sum.data(), count, cols};
    k.product(weight, input, 0, weight.tiles(), out.data(), rows, false);
  };
  fill(*plain_kernels(), expected);
  fill(one, got);
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
    for (int format : {kFloat32, kBfloat16, kInt8, kInt4})
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

static float half_value(uint16_t h) {
  uint32_t exponent = (h >> 10) & 31, mantissa = h & 1023;
  float value = exponent ? std::ldexp(float(mantissa | 1024), int(exponent) - 25) : std::ldexp(float(mantissa), -24);
  return h & 0x8000 ? -value : value;
}

void read_row(const Linear& weight, int row, float* out) {
  const uint8_t* at = weight.data + row / kTile * weight.tile_bytes();
  const int r = row % kTile;
  const uint16_t* halves = reinterpret_cast<const uint16_t*>(at);
  if (!weight.quantized()) {
    for (int k = 0; k < weight.cols; k++) {
      uint32_t bits = weight.format == kBfloat16 ? uint32_t(halves[k * kTile + r]) << 16 : 0;
      if (weight.format == kFloat32) std::memcpy(&bits, at + (int64_t(k) * kTile + r) * 4, 4);
      std::memcpy(&out[k], &bits, 4);
    }
    return;
  }
  const bool four = weight.format == kInt4;
  const int64_t block = weight.tile_bytes() / (weight.cols / kGroup);
  float scale = 0, offset = 0;
  for (int k = 0; k < weight.cols; k++) {
    const uint8_t* group = at + k / kGroup * block;
    halves = reinterpret_cast<const uint16_t*>(group);
    const uint8_t* codes = group + kTile * (four ? 4 : 2);
    const int i = k % kGroup;
    if (i == 0) {
      scale = half_value(halves[r]);
      offset = four ? half_value(halves[kTile + r]) : 0.0f;
    }
    if (four) {
      uint8_t byte = codes[i / 8 * 64 + r * 4 + i % 4];
      out[k] = scale * float(i % 8 < 4 ? byte & 15 : byte >> 4) + offset;
    } else {
      out[k] = scale * float(int8_t(codes[i / 4 * 64 + r * 4 + i % 4]));
    }
  }
}

}  // namespace attune
