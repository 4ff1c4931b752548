// A small team of threads that share pieces of work. The caller always works too and waits only for pieces that
// somebody has begun, never for a thread: where other programs keep a worker from running, its share is done by the
// rest, and a busy machine costs little more than the processor time it takes.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace attune {

inline void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  __asm__ __volatile__("yield");
#endif
}

class Team {
 public:
  explicit Team(int size) : size_(size < 1 ? 1 : size) {
    for (int i = 1; i < size_; i++) threads_.emplace_back([this, i] { work(i); });
  }
  ~Team() {
    stop_.store(true);
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  int size() const { return size_; }

  // Between begin and end `share` may be called up to `phases` times.
  void begin(size_t phases) {
    if (slots_.size() < phases) slots_ = std::vector<Slot>(phases);
    used_ = 0;
  }

  void end() {
    current_.store(kClosed);
    for (int i = 0; inside_.load() != 0; i++) pause(i);
  }

  // Calls work(thread, first, last) for pieces of 0..count-1 on whichever threads are free; returns when all are done.
  template <class Work>
  void share(int count, int piece, const Work& work) {
    if (piece < 1) piece = 1;
    if (size_ == 1 || count <= piece) {
      if (count > 0) work(0, 0, count);
      return;
    }
    Slot& slot = slots_[used_];
    slot.next.store(0, std::memory_order_relaxed);
    slot.done.store(0, std::memory_order_relaxed);
    slot.count = count;
    slot.piece = piece;
    slot.context = &work;
    slot.call = [](const void* context, int thread, int first, int last) {
      (*static_cast<const Work*>(context))(thread, first, last);
    };
    current_.store(int64_t(used_++));
    if (sleeping_.load() > 0) {
      { std::lock_guard<std::mutex> lock(mutex_); }
      wake_.notify_all();
    }
    help(slot, 0);
    for (int i = 0; slot.done.load(std::memory_order_acquire) != count; i++) pause(i);
  }

 private:
  struct Slot {
    std::atomic<int> next{0}, done{0};
    int count = 0, piece = 1;
    const void* context = nullptr;
    void (*call)(const void*, int, int, int) = nullptr;
  };
  static constexpr int64_t kClosed = -1;
  static constexpr int kSpins = 2000;  // tens of microseconds; then the processor is offered to others

  static void pause(int i) {
    if (i < kSpins)
      relax();
    else
      std::this_thread::yield();
  }

  static void help(Slot& slot, int thread) {
    for (;;) {
      int first = slot.next.fetch_add(slot.piece);
      if (first >= slot.count) return;
      int last = first + slot.piece < slot.count ? first + slot.piece : slot.count;
      slot.call(slot.context, thread, first, last);
      slot.done.fetch_add(last - first, std::memory_order_release);
    }
  }

  void work(int index) {
    int64_t seen = kClosed;
    while (!stop_.load()) {
      for (int i = 0; i < 8 * kSpins && nothing_new(seen); i++) relax();
      if (nothing_new(seen)) {
        std::unique_lock<std::mutex> lock(mutex_);
        sleeping_.fetch_add(1);
        wake_.wait(lock, [&] { return stop_.load() || !nothing_new(seen); });
        sleeping_.fetch_sub(1);
        continue;
      }
      // `end` closes the work, then waits until nobody is inside; who comes in later finds it closed.
      inside_.fetch_add(1);
      seen = current_.load();
      if (seen != kClosed) help(slots_[size_t(seen)], index);
      inside_.fetch_sub(1);
    }
  }

  bool nothing_new(int64_t& seen) const {
    int64_t now = current_.load(std::memory_order_acquire);
    if (now == kClosed) seen = kClosed;
    return now == seen;
  }

  const int size_;
  std::vector<std::thread> threads_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int64_t> current_{kClosed};
  std::atomic<int> sleeping_{0}, inside_{0};
  std::atomic<bool> stop_{false};
};

}  // namespace attune
