// One forward pass of a decoder-only transformer for any number of tokens, all layers in one call.
#include "step.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "choose.h"
#include "shortlist.h"
#include "threads.h"

namespace attune {
namespace {

constexpr int kShortlistRows = 8;  // more at once: the whole head
constexpr int kPhases = 12;  // shared pieces of work in a layer

class Decoder {
 public:
  explicit Decoder(const Spec& spec)
      : s_(spec), layers_(spec.layer, spec.layer + spec.layers), k_(chosen_kernels()), team_(spec.threads),
        scores_(team_.size()) {
    s_.layer = layers_.data();
    widest_ = std::max({s_.hidden, s_.intermediate, s_.heads * s_.head_dim});
  }

  void step(const Step& step) {
    p_ = step;
    rows_ = step.batch * step.n;
    reserve();
    team_.begin(size_t(s_.layers) * kPhases + 8 + 3 * kShortlistRows);
    run();
    team_.end();
  }

 private:
  // What the input of a product becomes: floats, codes, and the adapters' inner products.
  struct Input {
    std::vector<float> x;
    std::vector<int8_t> q;
    std::vector<float> scale, sum;
    std::vector<int32_t> low;
    std::vector<float> inner[3];
  };

  void reserve() {
    size_t rows = rows_, heads = size_t(s_.heads + 2 * s_.kv_heads) * s_.head_dim;
    x_.resize(rows * s_.hidden);
    qkv_.resize(rows * heads);
    wide_.resize(rows * size_t(std::max(s_.intermediate, s_.heads * s_.head_dim)));
    if (s_.layer[0].attention_post_norm || s_.layer[0].mlp_post_norm) out_.resize(rows * s_.hidden);
    gates_.resize(size_t(team_.size()) * rows * 2 * 2 * kTile);
    in_.x.resize(rows * widest_);
    in_.q.resize(rows * widest_);
    in_.scale.resize(rows * (widest_ / kGroup + 1));
    in_.sum.resize(in_.scale.size());
    in_.low.resize(in_.scale.size() * 2);
    int rank = 0;
    for (int i = 0; p_.adapters && i < s_.layers * kProjections; i++)
      if (p_.adapters[i].a.present) rank = std::max(rank, p_.adapters[i].a.rows);
    for (auto& inner : in_.inner) inner.resize(rows * rank);
    stride_ = (p_.start + p_.n + kTile - 1) / kTile * kTile + kTile;
    for (auto& scores : scores_)
      if (scores.size() < size_t(4) * stride_) scores.resize(size_t(4) * stride_ * 5 / 4);
  }

  // Rows first..last-1 of a product's input: norm (if any), codes, the adapters' inner products.
  void prepare_rows(int first, int last, const float* x, int cols, const float* norm, const Linear* weights,
                    const Adapter* adapters, int count) {
    bool codes = false;
    for (int i = 0; i < count; i++) codes |= weights[i].quantized() || (adapters && adapters[i].a.quantized());
    for (int row = first; row < last; row++) {
      const float* from = x + int64_t(row) * cols;
      float* to = &in_.x[int64_t(row) * cols];
      if (norm)
        k_->rms_norm(from, norm, s_.eps, cols, to);
      else
        std::memcpy(to, from, sizeof(float) * cols);
      int64_t groups = cols / kGroup;
      if (codes)
        k_->quantize(to, cols, &in_.q[int64_t(row) * cols], &in_.scale[row * groups], &in_.sum[row * groups],
                     &in_.low[row * groups * 2]);
    }
    if (!adapters || last <= first) return;
    Rows rows = input(cols, first, last - first);
    for (int i = 0; i < count; i++) {
      const Linear& a = adapters[i].a;
      if (!a.present) continue;
      k_->product(a, rows, 0, a.tiles(), &in_.inner[i][int64_t(first) * a.rows], a.rows, false);
    }
  }

  // All rows: the calling thread for a few of them, everyone for many.
  void prepare(const float* x, int cols, const float* norm, const Linear* weights, const Adapter* adapters,
               int count) {
    int piece = rows_ < 4 ? rows_ : std::min(16, (rows_ - 1) / (team_.size() * 2) + 1);
    team_.share(rows_, piece, [&](int, int first, int last) {
      prepare_rows(first, last, x, cols, norm, weights, adapters, count);
    });
  }

  Rows input(int cols, int first, int count) const {
    int64_t groups = cols / kGroup;
    return {&in_.x[int64_t(first) * cols], &in_.q[int64_t(first) * cols], &in_.scale[first * groups],
            &in_.sum[first * groups], &in_.low[first * groups * 2], count, cols};
  }

  // Tiles first..last-1 of one product with its adapter (inner products of slot `slot`).
  void multiply(const Linear& weight, const Adapter* adapter, int slot, int cols, int first, int last, float* out,
                int64_t stride, bool accumulate) {
    k_->product(weight, input(cols, 0, rows_), first, last, out, stride, accumulate);
    if (!adapter || !adapter->a.present) return;
    int rank = adapter->a.rows;
    Rows inner = {in_.inner[slot].data(), nullptr, nullptr, nullptr, nullptr, rows_, rank};
    k_->product(adapter->b, inner, first, last, out, stride, true);
  }

  void run() {
    team_.share(rows_, 32, [&](int, int first, int last) { embed(first, last); });
    for (int index = p_.first; index < p_.last; index++) {
      const Adapter* adapters = p_.adapters ? p_.adapters + int64_t(index) * kProjections : nullptr;
      attention(index, adapters);
      mlp(index, adapters);
    }
    finish();
  }

  void embed(int first, int last) {
    for (int row = first; row < last; row++) {
      float* to = &x_[int64_t(row) * s_.hidden];
      if (p_.embeds) {
        std::memcpy(to, p_.embeds + int64_t(row) * s_.hidden, sizeof(float) * s_.hidden);
        continue;
      }
      read_row(s_.embedding, int(p_.ids[row]), to);
      if (s_.embedding_scale != 1.0f)
        for (int i = 0; i < s_.hidden; i++) to[i] *= s_.embedding_scale;
    }
  }

  void attention(int index, const Adapter* adapters) {
    const Layer& layer = s_.layer[index];
    const int d = s_.head_dim, q_size = s_.heads * d, kv_size = s_.kv_heads * d;
    const int64_t width = q_size + 2 * kv_size;
    prepare(x_.data(), s_.hidden, layer.input_norm, layer.linear, adapters, 3);
    const int tiles[3] = {layer.linear[0].tiles(), layer.linear[1].tiles(), layer.linear[2].tiles()};
    const int offsets[3] = {0, q_size, q_size + kv_size};
    int all = tiles[0] + tiles[1] + tiles[2];
    team_.share(all, piece(all), [&](int, int first, int last) {
      for (int i = 0, base = 0; i < 3; base += tiles[i++]) {
        int from = std::max(first - base, 0), to = std::min(last - base, tiles[i]);
        if (from < to)
          multiply(layer.linear[i], adapters ? adapters + i : nullptr, i, s_.hidden, from, to, &qkv_[offsets[i]],
                   width, false);
      }
    });
    team_.share(rows_ * s_.kv_heads, 8, [&](int, int first, int last) {
      for (int i = first; i < last; i++) place(index, layer, i / s_.kv_heads, i % s_.kv_heads);
    });
    attend(index, layer);
    product_to_stream(layer, kOutput, adapters, wide_.data(), q_size, layer.attention_post_norm);
  }

  // Norms and turns the queries and the key of one token and key-value head; puts key and value into the cache.
  void place(int index, const Layer& layer, int row, int head) {
    const int d = s_.head_dim, half = d / 2, group = s_.heads / s_.kv_heads;
    const int position = start(row / p_.n) + row % p_.n;
    float* base = &qkv_[int64_t(row) * (s_.heads + 2 * s_.kv_heads) * d];
    const float* cos = p_.cos[layer.rope] + int64_t(position) * half;
    const float* sin = p_.sin[layer.rope] + int64_t(position) * half;
    float* key = base + (s_.heads + head) * d;
    for (int h = 0; h <= group; h++) {
      float* x = h < group ? base + (head * group + h) * d : key;
      if (layer.query_norm) k_->rms_norm(x, h < group ? layer.query_norm : layer.key_norm, s_.eps, d, x);
      for (int i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = a * cos[i] - b * sin[i];
        x[i + half] = b * cos[i] + a * sin[i];
      }
    }
    const float* value = base + (s_.heads + s_.kv_heads + head) * d;
    int64_t own = position - p_.shared;
    int64_t at = own_base(index, row / p_.n, head);
    int64_t key_at = at + own / kTile * d * kTile + own % kTile, value_at = at + own * d;
    if (p_.half) {
      uint16_t* keys = static_cast<uint16_t*>(p_.keys);
      uint16_t half_key[1024];
      k_->to_half(key, d, half_key);
      for (int i = 0; i < d; i++) keys[key_at + i * kTile] = half_key[i];
      k_->to_half(value, d, static_cast<uint16_t*>(p_.values) + value_at);
    } else {
      float* keys = static_cast<float*>(p_.keys);
      for (int i = 0; i < d; i++) keys[key_at + i * kTile] = key[i];
      std::memcpy(static_cast<float*>(p_.values) + value_at, value, sizeof(float) * d);
    }
  }

  int start(int sequence) const { return p_.starts ? p_.starts[sequence] : p_.start; }

  int64_t own_base(int layer, int sequence, int head) const {
    return ((int64_t(layer) * p_.batch + sequence) * s_.kv_heads + head) * p_.capacity * s_.head_dim;
  }

  void attend(int index, const Layer& layer) {
    const int d = s_.head_dim, group = s_.heads / s_.kv_heads;
    // Queries of one sequence and key-value head, tokens then heads, in fours.
    const int queries = p_.n * group, fours = (queries + 3) / 4;
    const bool single = rows_ * s_.kv_heads < 4 * team_.size();  // few: one head a task, so that none waits
    const int each = single ? 1 : 4, tasks = single ? queries : fours;
    const int64_t width = int64_t(s_.heads + 2 * s_.kv_heads) * d, size = p_.half ? 2 : 4;
    // Short texts: too little to share out.
    const int64_t work = int64_t(rows_) * s_.heads * (p_.start + p_.n);
    const int all = p_.batch * s_.kv_heads * tasks, piece = work < 400 ? all : rows_ > 8 ? 4 : 1;
    team_.share(all, piece, [&](int thread, int first, int last) {
      for (int i = first; i < last; i++) {
        int task = i % tasks, head = i / tasks % s_.kv_heads, sequence = i / tasks / s_.kv_heads;
        Attention a;
        int64_t own = own_base(index, sequence, head) * size;
        int64_t shared = (int64_t(index) * s_.kv_heads + head) * p_.shared_capacity * d * size;
        a.own_keys = static_cast<const char*>(p_.keys) + own;
        a.own_values = static_cast<const char*>(p_.values) + own;
        a.shared_keys = static_cast<const char*>(p_.shared_keys) + (p_.shared ? shared : 0);
        a.shared_values = static_cast<const char*>(p_.shared_values) + (p_.shared ? shared : 0);
        a.shared = p_.shared;
        a.head_dim = d;
        a.half = p_.half;
        a.scale = s_.attention_scale;
        a.softcap = s_.attention_softcap;
        a.scores = scores_[thread].data();
        a.scores_stride = stride_;
        a.count = std::min(each, queries - task * each);
        for (int n = 0; n < a.count; n++) {
          int query = task * each + n, token = query / group, h = head * group + query % group;
          int64_t row = int64_t(sequence) * p_.n + token;
          a.q[n] = &qkv_[row * width + h * d];
          a.out[n] = &wide_[row * s_.heads * d + h * d];
          a.last[n] = start(sequence) + token + 1;
          a.first[n] = layer.window ? std::max(0, a.last[n] - layer.window) : 0;
        }
        k_->attend(a);
      }
    });
  }

  // x_ += weight . from (through a norm, where the model has one after the product).
  void product_to_stream(const Layer& layer, int which, const Adapter* adapters, const float* from, int cols,
                         const float* post_norm) {
    const Linear& weight = layer.linear[which];
    const Adapter* adapter = adapters ? adapters + which : nullptr;
    prepare(from, cols, nullptr, &weight, adapter, 1);
    float* to = post_norm ? out_.data() : x_.data();
    team_.share(weight.tiles(), piece(weight.tiles()), [&](int, int first, int last) {
      multiply(weight, adapter, 0, cols, first, last, to, s_.hidden, !post_norm);
    });
    if (!post_norm) return;
    team_.share(rows_, 16, [&](int, int first, int last) {
      for (int row = first; row < last; row++) {
        float* y = &out_[int64_t(row) * s_.hidden];
        k_->rms_norm(y, post_norm, s_.eps, s_.hidden, y);
        for (int i = 0; i < s_.hidden; i++) x_[int64_t(row) * s_.hidden + i] += y[i];
      }
    });
  }

  void mlp(int index, const Adapter* adapters) {
    const Layer& layer = s_.layer[index];
    const Linear &gate = layer.linear[kGate], &up = layer.linear[kUp];
    prepare(x_.data(), s_.hidden, layer.mlp_norm, &gate, adapters ? adapters + kGate : nullptr, 2);
    // Each task computes a few tiles of gate and up, and their product while both are at hand.
    const int64_t wide = 2 * kTile;
    team_.share((gate.tiles() + 1) / 2, piece((gate.tiles() + 1) / 2), [&](int thread, int first, int last) {
      float* room = &gates_[int64_t(thread) * rows_ * 4 * kTile];
      for (int pair = first; pair < last; pair++) {
        int tile = pair * 2, end = std::min(tile + 2, gate.tiles());
        int left = std::min(2 * kTile, gate.rows - tile * kTile);
        float* g = room - int64_t(tile) * kTile;  // products write at tile * 16
        float* u = g + rows_ * wide;
        multiply(gate, adapters ? adapters + kGate : nullptr, 0, s_.hidden, tile, end, g, wide, false);
        multiply(up, adapters ? adapters + kUp : nullptr, 1, s_.hidden, tile, end, u, wide, false);
        for (int row = 0; row < rows_; row++)
          k_->gate(room + row * wide, room + (rows_ + row) * wide, left, s_.activation,
                   &wide_[int64_t(row) * s_.intermediate + tile * kTile]);
      }
    });
    product_to_stream(layer, kDown, adapters, wide_.data(), s_.intermediate, layer.mlp_post_norm);
  }

  void finish() {
    if (p_.residual) std::memcpy(p_.residual, x_.data(), sizeof(float) * rows_ * s_.hidden);
    if (p_.hidden)
      team_.share(rows_, 16, [&](int, int first, int last) {
        for (int row = first; row < last; row++)
          k_->rms_norm(&x_[int64_t(row) * s_.hidden], s_.norm, s_.eps, s_.hidden, p_.hidden + int64_t(row) * s_.hidden);
      });
    if (!p_.logits) return;
    if (!p_.all_logits && p_.n > 1) {
      for (int i = 0; i < p_.batch; i++)
        std::memmove(&x_[int64_t(i) * s_.hidden], &x_[(int64_t(i + 1) * p_.n - 1) * s_.hidden],
                     sizeof(float) * s_.hidden);
      rows_ = p_.batch;
    }
    prepare(x_.data(), s_.hidden, s_.norm, &s_.head, nullptr, 1);
    if (p_.reach >= 0 && s_.sketch.present && rows_ <= kShortlistRows)
      shortlist();
    else
      score(0, rows_, 0, s_.head.tiles());
  }

  // Exact logits of `count` rows from `row` on for the tiles first..last-1 of the head.
  void score(int row, int count, int first, int last) {
    team_.share(last - first, std::max(1, piece(last - first) / 4), [&](int, int from, int to) {
      score_tiles(row, count, first + from, first + to);
    });
  }

  void score_tiles(int row, int count, int first, int last) {
    float* logits = p_.logits + int64_t(row) * s_.vocab;
    k_->product(s_.head, input(s_.hidden, row, count), first, last, logits, s_.vocab, false);
    if (s_.logit_softcap <= 0) return;
    for (int i = 0; i < count; i++) {
      int from = first * kTile, to = std::min(last * kTile, s_.vocab);
      k_->softcap(logits + int64_t(i) * s_.vocab + from, to - from, s_.logit_softcap);
    }
  }

  // Approximate logits of all words for all rows, then the exact ones of those that can matter (shortlist.h).
  void shortlist() {
    const int cols = s_.hidden, groups = cols / kSketchGroup, tiles = s_.head.tiles();
    sketch_q_.resize(size_t(rows_) * cols);
    sketch_scale_.resize(size_t(rows_) * groups);
    sketch_sum_.resize(sketch_scale_.size());
    float length[kShortlistRows];
    for (int row = 0; row < rows_; row++)
      length[row] = sketch_input(&in_.x[int64_t(row) * cols], cols, &sketch_q_[int64_t(row) * cols],
                                 &sketch_scale_[int64_t(row) * groups], &sketch_sum_[int64_t(row) * groups]);
    SketchRows rows{sketch_q_.data(), sketch_scale_.data(), sketch_sum_.data(), rows_, cols};
    uppers_.resize(size_t(tiles) * rows_);
    team_.share(tiles, std::max(1, piece(tiles) / 4), [&](int, int first, int last) {
      k_->sketch(s_.sketch, rows, first, last, p_.logits, s_.vocab);
      for (int row = 0; row < rows_; row++) settle(row, length[row], first, last);
    });
    for (int row = 0; row < rows_; row++) rescore(row);
  }

  // Turns what a sketch gave for a row into logits, and notes how high a word of each tile may be after all. An
  // approximate logit counts e^(deviation^2 / 2) times too much in a sum of exponentials, on average; that is taken off.
  void settle(int row, float length, int first, int last) {
    float* logits = p_.logits + int64_t(row) * s_.vocab;
    const float cap = s_.logit_softcap;
    for (int tile = first; tile < last; tile++) {
      float upper = -INFINITY;
      for (int i = tile * kTile; i < std::min((tile + 1) * kTile, s_.vocab); i++) {
        float deviation = s_.spread[i] * length, logit = logits[i] + (s_.head.bias ? s_.head.bias[i] : 0.0f);
        upper = std::max(upper, logit + kSure * deviation);
        logit -= 0.5f * deviation * deviation;
        logits[i] = cap > 0 ? std::tanh(logit / cap) * cap : logit;
      }
      uppers_[int64_t(row) * s_.head.tiles() + tile] = cap > 0 ? std::tanh(upper / cap) * cap : upper;
    }
  }

  // Scores the tiles of a row that hold a word which may come within `reach` of the best one.
  void rescore(int row) {
    constexpr int kFirst = 8;  // tiles that are scored at once to have a good exact logit to compare with
    const int tiles = s_.head.tiles(), begin = std::min(kFirst, tiles);
    const float* logits = p_.logits + int64_t(row) * s_.vocab;
    const float* uppers = &uppers_[int64_t(row) * tiles];
    order_.resize(tiles);
    for (int i = 0; i < tiles; i++) order_[i] = i;
    std::partial_sort(order_.begin(), order_.begin() + begin, order_.end(),
                      [&](int a, int b) { return uppers[a] > uppers[b]; });
    score_chosen(row, 0, begin);
    float best = -INFINITY;
    for (int at = 0; at < begin; at++)
      for (int i = order_[at] * kTile; i < std::min((order_[at] + 1) * kTile, s_.vocab); i++)
        best = std::max(best, logits[i]);
    const auto end = std::partition(order_.begin() + begin, order_.end(),
                                    [&](int tile) { return uppers[tile] >= best - p_.reach; });
    const int chosen = int(end - order_.begin());
    if (chosen > tiles / 4) return score(row, 1, 0, tiles);
    score_chosen(row, begin, chosen);
  }

  void score_chosen(int row, int from, int to) {
    team_.share(to - from, 4, [&](int, int first, int last) {
      for (int i = first; i < last; i++) score_tiles(row, 1, order_[from + i], order_[from + i] + 1);
    });
  }

  int piece(int tiles) const { return (tiles + team_.size() * 4 - 1) / (team_.size() * 4); }

  Spec s_;
  std::vector<Layer> layers_;
  const Kernels* k_;
  Team team_;
  std::vector<std::vector<float>> scores_;  // attention scores, of one thread each
  Step p_{};
  int rows_ = 0, widest_ = 0, stride_ = 0;
  std::vector<float> x_, qkv_, wide_, out_, gates_;
  std::vector<int8_t> sketch_q_;
  std::vector<float> sketch_scale_, sketch_sum_, uppers_;
  std::vector<int> order_;
  Input in_;
};

}  // namespace
}  // namespace attune

ATTUNE_EXPORT int attune_interface() { return 8; }
ATTUNE_EXPORT const char* attune_kernels() { return attune::chosen_kernels()->name; }
ATTUNE_EXPORT int attune_choose(const char* name) { return attune::choose_kernels(name); }

ATTUNE_EXPORT void attune_read_row(const attune::Linear* weight, int row, float* out) {
  attune::read_row(*weight, row, out);
}

ATTUNE_EXPORT void* attune_create(const attune::Spec* spec) {
  try {
    return new attune::Decoder(*spec);
  } catch (const std::exception&) {
    return nullptr;
  }
}
ATTUNE_EXPORT void attune_free(void* decoder) { delete static_cast<attune::Decoder*>(decoder); }

// 0: done; 1: out of memory.
ATTUNE_EXPORT int attune_step(void* decoder, const attune::Step* step) {
  try {
    static_cast<attune::Decoder*>(decoder)->step(*step);
    return 0;
  } catch (const std::bad_alloc&) {
    return 1;
  }
}
