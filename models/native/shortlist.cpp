#include "shortlist.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include "choose.h"
#include "step.h"
#include "tiles.h"

namespace attune {
namespace {

constexpr int kLanes = 16;

float total(const float (&lanes)[kLanes]) {
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

// Four evenly spaced values for 128 weights: the codes of a normal variable's best such quantiser, whose steps are about
// one standard deviation (Max 1960), then the scale with the least squared error for them. Adds that error to `error`.
float quantize4(const float* x, uint8_t* codes, double* error) {
  float squares[kLanes] = {0}, along[kLanes] = {0}, norm[kLanes] = {0}, left[kLanes] = {0};
  for (int i = 0; i < kSketchGroup; i += kLanes)
    for (int j = 0; j < kLanes; j++) squares[j] += x[i + j] * x[i + j];
  const float step = std::sqrt(total(squares) / kSketchGroup);
  for (int i = 0; i < kSketchGroup; i += kLanes)
    for (int j = 0; j < kLanes; j++) {
      int code = int(x[i + j] >= -step) + int(x[i + j] >= 0.0f) + int(x[i + j] >= step);
      float value = float(code) - 1.5f;
      codes[i + j] = uint8_t(code);
      along[j] += x[i + j] * value;
      norm[j] += value * value;
    }
  uint16_t half;
  float scale = total(along) / total(norm);
  plain_kernels()->to_half(&scale, 1, &half);
  scale = half_value(half);
  for (int i = 0; i < kSketchGroup; i += kLanes)
    for (int j = 0; j < kLanes; j++) {
      float rest = x[i + j] - scale * (float(codes[i + j]) - 1.5f);
      left[j] += rest * rest;
    }
  *error += total(left);
  return scale;
}

void sketch_tile(const Linear& head, int tile, uint8_t* out, float* spread, std::vector<float>& row) {
  constexpr Layout layout = layout_of(kSketch);
  const int blocks = head.cols / kSketchGroup;
  for (int r = 0; r < kTile; r++) {
    int index = tile * kTile + r;
    std::fill(row.begin(), row.end(), 0.0f);
    if (index < head.rows) read_row(head, index, row.data());
    double error = 0;
    for (int b = 0; b < blocks; b++) {
      uint8_t codes[kSketchGroup];
      float scale = quantize4(&row[size_t(b) * kSketchGroup], codes, &error);
      uint16_t half;
      plain_kernels()->to_half(&scale, 1, &half);
      std::memcpy(out + int64_t(blocks) * layout.block + b * layout.tail + r * 2, &half, 2);
      for (int c = 0; c < 8; c++)
        for (int i = 0; i < 4; i++) {
          const uint8_t* at = codes + c * 16 + i;
          out[b * layout.block + c * 64 + r * 4 + i] = uint8_t(at[0] | at[4] << 2 | at[8] << 4 | at[12] << 6);
        }
    }
    if (index < head.rows) spread[index] = float(std::sqrt(error / head.cols));
  }
}

}  // namespace

int64_t sketch_bytes(int rows, int cols) {
  if (rows < 1 || cols < 1 || cols % kSketchGroup) return 0;
  Linear sketch{kSketch, rows, cols, 1, nullptr, nullptr};
  return sketch.tile_bytes() * sketch.tiles();
}

void make_sketch(const Linear& head, uint8_t* out, float* spread, int threads) {
  const Linear sketch{kSketch, head.rows, head.cols, 1, nullptr, nullptr};
  std::atomic<int> next{0};
  auto work = [&] {
    std::vector<float> row(head.cols);
    for (int tile; (tile = next.fetch_add(1)) < head.tiles();) {
      uint8_t* at = out + tile * sketch.tile_bytes();
      std::memset(at, 0, size_t(sketch.tile_bytes()));
      sketch_tile(head, tile, at, spread, row);
    }
  };
  std::vector<std::thread> team;
  for (int i = 1; i < threads; i++) team.emplace_back(work);
  work();
  for (auto& thread : team) thread.join();
}

float sketch_input(const float* x, int cols, int8_t* q, float* scale, float* sum) {
  double squares = 0;
  for (int b = 0; b < cols / kSketchGroup; b++, x += kSketchGroup, q += kSketchGroup) {
    float top = 0;
    for (int i = 0; i < kSketchGroup; i++) {
      top = std::max(top, std::fabs(x[i]));
      squares += double(x[i]) * x[i];
    }
    float inverse = top > 0 ? 127.0f / top : 0.0f;
    int total = 0;
    for (int i = 0; i < kSketchGroup; i++) {
      q[i] = int8_t(std::nearbyint(x[i] * inverse));
      total += q[i];
    }
    scale[b] = top / 127.0f;
    sum[b] = scale[b] * float(total);
  }
  return float(std::sqrt(squares));
}

}  // namespace attune

ATTUNE_EXPORT int64_t attune_sketch_bytes(int rows, int cols) { return attune::sketch_bytes(rows, cols); }

// 0: done; 1: out of memory or threads.
ATTUNE_EXPORT int attune_make_sketch(const attune::Linear* head, uint8_t* out, float* spread, int threads) {
  try {
    attune::make_sketch(*head, out, spread, threads);
    return 0;
  } catch (const std::exception&) {
    return 1;
  }
}
