#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdint>

#if defined(__APPLE__)
#include <dlfcn.h>
#endif

/** Of libuv, a part of Node.js: pthread_create would ask for a C library as new as that of the machine that compiles. */
extern "C" int uv_thread_create(pthread_t* thread, void (*entry)(void*), void* argument);

namespace {

/** Nanoseconds that a helper without work stays awake: in training the next kernel follows within that. */
constexpr std::int64_t AWAKE = 1'000'000;
/** Nanoseconds that a thread waits before it leaves the processor to others who want it. */
constexpr std::int64_t PATIENCE = 20'000;
/** Nanoseconds that helpers may cost more than they save, at first and where they have saved much before. */
constexpr std::int64_t FIRST_CREDIT = 10'000'000, MOST_CREDIT = 20'000'000;
/** Nanoseconds for which callers work alone after that, doubled every time: others use the processors. */
constexpr std::int64_t LEAST_REST = 100'000'000, MOST_REST = 3'200'000'000;

/** Nanoseconds of a clock. */
std::int64_t now(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

/** Tells the processor that this is a loop that waits. */
void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("yield");
#endif
}

constexpr int UNKNOWN = -1;

/** Which processor this thread runs on, where the system tells. */
int processor() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return UNKNOWN;
#endif
}

/** Waits without sleep until `isReady`, at most so many nanoseconds; returns whether it is. */
template <typename IsReady>
bool spin(std::int64_t nanoseconds, IsReady isReady) {
  const std::int64_t end = now() + nanoseconds;
  do {
    for (int i = 0; i < 16; i++) {
      if (isReady()) return true;
      pause();
    }
  } while (now() < end);
  return false;
}

/**
 * The threads of a process, which need no end: they may wait here until it is gone.
 *
 * Work is done in a round. The caller opens it, takes parts like everybody until none is left, closes it, and waits for
 * those inside. So a thread that comes late, or not at all, keeps nobody waiting.
 */
class Pool {
 public:
  /** Whether the caller has the helpers now, and they are worth it. */
  bool tryToOwn() {
    if (owned.exchange(true)) return false;
    if (now() >= aloneUntil) return true;
    disown();
    return false;
  }

  void disown() { owned.store(false); }

  /** By the owner, with so many helpers. */
  void run(int wanted, int parts, Part part, const void* work) {
    getHelpers(wanted);
    this->part = part;
    this->work = work;
    this->parts = parts;
    this->wanted = wanted;
    const std::int64_t start = now(), cpuStart = now(CLOCK_THREAD_CPUTIME_ID);
    callersProcessor.store(processor(), std::memory_order_relaxed);
    next.store(0, std::memory_order_relaxed);
    round.fetch_add(1);
    if (asleep.load() > 0) wake();
    const int own = takeParts();
    round.fetch_add(1);
    const std::int64_t worked = now(CLOCK_THREAD_CPUTIME_ID) - cpuStart;
    while (!spin(PATIENCE, [&] { return inside.load() == 0; })) sched_yield();
    // Beside its own parts the caller has spent time on waiting, for helpers and for a processor.
    credit += own > 0 ? worked / own * (parts - own) - (now() - start - worked) : 0;
    if (credit >= MOST_CREDIT) {
      credit = MOST_CREDIT;
      rest = LEAST_REST;
    } else if (credit < 0) {
      credit = FIRST_CREDIT;
      aloneUntil = now() + rest;
      rest = rest < MOST_REST ? 2 * rest : rest;
    }
  }

 private:
  std::atomic<bool> owned{false};
  int helpers = 0;
  std::int64_t credit = FIRST_CREDIT, rest = LEAST_REST, aloneUntil = 0;

  // A round's work, which is written when no round is open and nobody inside.
  Part part;
  const void* work;
  int parts, wanted;

  // Each on a cache line of its own.
  alignas(64) std::atomic<int> next{0};
  /** Helpers that look at a round's work. */
  alignas(64) std::atomic<int> inside{0};
  /** Odd while a round is open. */
  alignas(64) std::atomic<std::uint32_t> round{0};
  std::atomic<int> callersProcessor{UNKNOWN};
  std::atomic<int> asleep{0};
  pthread_mutex_t bed = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t bell = PTHREAD_COND_INITIALIZER;

  /** How many there were for this thread. */
  int takeParts() {
    int taken = 0;
    for (int i; (i = next.fetch_add(1, std::memory_order_relaxed)) < parts; taken++) part(work, i);
    return taken;
  }

  /** Sees to it that there are so many helpers, or as many as can be had. */
  void getHelpers(int wanted) {
    if (helpers >= wanted) return;
    stayLoaded();
    // Signals are for the threads of Node.js; on these systems the mask is the calling thread's, which others inherit.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    while (helpers < wanted && uv_thread_create(&thread, help, (void*)(std::intptr_t)(helpers + 1)) == 0) helpers++;
    sigprocmask(SIG_SETMASK, &before, nullptr);
  }

  /**
   * A thread of Node.js that ends unloads the modules that it alone had loaded, under the feet of ours. On Linux this
   * one is linked so that it stays.
   */
  static void stayLoaded() {
#if defined(__APPLE__)
    Dl_info module;
    if (dladdr((const void*)help, &module) != 0) dlopen(module.dli_fname, RTLD_NOW | RTLD_NODELETE);
#endif
  }

  static void help(void* number);

  /** The life of helper `number`, from 1 on. */
  void helpWithRounds(int number) {
    for (std::uint32_t seen = 0;;) {
      seen = nextRound(seen);
      inside.fetch_add(1);
      // Otherwise it is over, and the next one may have begun.
      if (round.load() == seen && number <= wanted) takeParts();
      inside.fetch_sub(1);
    }
  }

  /** Waits for a round other than `seen`. */
  std::uint32_t nextRound(std::uint32_t seen) {
    std::uint32_t current;
    const auto isOpen = [&] {
      current = round.load();
      if (current % 2 == 1 && current != seen) return true;
      // On the caller's own processor it would keep the round from being opened.
      const int own = processor();
      if (own != UNKNOWN && own == callersProcessor.load(std::memory_order_relaxed)) sched_yield();
      return false;
    };
    while (!spin(AWAKE, isOpen)) {
      pthread_mutex_lock(&bed);
      asleep.fetch_add(1);
      if (!isOpen()) pthread_cond_wait(&bell, &bed);
      asleep.fetch_sub(1);
      pthread_mutex_unlock(&bed);
    }
    return current;
  }

  void wake() {
    pthread_mutex_lock(&bed);
    pthread_cond_broadcast(&bell);
    pthread_mutex_unlock(&bed);
  }
};

Pool pool;

std::atomic<int> allowed{1};
std::atomic<double> workOfOne{0};

void Pool::help(void* number) { pool.helpWithRounds((int)(std::intptr_t)number); }

}  // namespace

void useThreads(int threads, double work) {
  allowed = threads < 1 ? 1 : threads < MOST_THREADS ? threads : MOST_THREADS;
  workOfOne = work;
}

int threadsFor(double multiplications) {
  const int threads = allowed;
  const double worth = multiplications / workOfOne;
  return worth >= threads ? threads : worth > 1 ? (int)worth : 1;
}

void runParts(int threads, int parts, Part part, const void* work) {
  const int wanted = (threads < parts ? threads : parts) - 1;
  if (wanted > 0 && pool.tryToOwn()) {
    pool.run(wanted, parts, part, work);
    pool.disown();
  } else {
    for (int i = 0; i < parts; i++) part(work, i);
  }
}
