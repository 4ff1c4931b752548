// The C interface of one forward pass; models/decoders/native_library.py mirrors these structures field by field.
#pragma once
#include <stdint.h>

#include "kernels.h"

#if defined(_WIN32)
#define ATTUNE_EXPORT extern "C" __declspec(dllexport)
#else
#define ATTUNE_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace attune {

enum Projection { kQuery, kKey, kValue, kOutput, kGate, kUp, kDown, kProjections };

struct Layer {
  Linear linear[kProjections];
  const float* input_norm;
  const float* attention_post_norm;  // null: none
  const float* mlp_norm;
  const float* mlp_post_norm;  // null: none
  const float* query_norm;     // null: none
  const float* key_norm;
  int32_t window;  // tokens, 0: all
  int32_t rope;    // which table
};

struct Spec {
  int32_t hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, activation;
  float eps, embedding_scale, attention_scale, attention_softcap, logit_softcap;
  int32_t threads;
  const Layer* layer;
  const float* norm;
  Linear embedding;
  Linear head;
  Linear sketch;        // of the head (see shortlist.h), or absent
  const float* spread;  // (vocab): how much a row of the sketch leaves out
};

struct Adapter {  // of one projection: y += b (a x); absent where a.present is 0
  Linear a;
  Linear b;
};

struct Step {
  int32_t batch;
  int32_t n;         // tokens of each sequence
  int32_t start;     // position of the first of them (with `starts`: the greatest of those)
  int32_t shared;    // positions that all sequences share, a multiple of 16
  int32_t half;      // 1: float16 cache
  int32_t capacity;  // positions in the own part, a multiple of 16
  int32_t shared_capacity;
  int32_t all_logits;      // 1: of every token, 0: of each sequence's last
  const int64_t* ids;      // (batch, n); null when embeds is given
  const float* embeds;     // (batch, n, hidden) or null
  void* keys;              // (layers, batch, kv_heads, capacity / 16, head_dim, 16)
  void* values;            // (layers, batch, kv_heads, capacity, head_dim)
  const void* shared_keys;  // (layers, kv_heads, shared_capacity / 16, head_dim, 16) or null
  const void* shared_values;
  const float* cos[2];  // (positions, head_dim / 2) of each rotary embedding
  const float* sin[2];
  const Adapter* adapters;  // (layers, 7) or null
  float* logits;            // (batch or batch * n, vocab) or null
  float* hidden;            // (batch * n, hidden): after the last norm, or null
  float* residual;          // (batch * n, hidden): after the last of these layers, before any norm, or null
  int32_t first, last;      // layers first..last-1 are run; with first > 0 embeds is what enters the first of them
  const int32_t* starts;    // (batch): where each sequence's tokens begin, or null: all at `start`
  float reach;              // < 0: every logit is exact; else those within so much of the best one, the others about so
};

}  // namespace attune
