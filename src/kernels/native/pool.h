// Threads that help with a kernel's work. Apart from the kernels, which are compiled for several instruction sets.
#pragma once

constexpr int MOST_THREADS = 64;

/**
 * Lets kernels work on so many threads at once, the caller's among them; one until then.
 * @param work multiplications for which one more thread is taken.
 */
void useThreads(int threads, double work);

/** How many of them so many multiplications are worth. */
int threadsFor(double multiplications);

/** One part of some work, from 0 on. */
typedef void (*Part)(const void* work, int part);

/**
 * Calls `part` for all parts, in any order, on up to `threads` threads, and returns when all are done. Where another
 * caller has the threads, or others have the processors, this one does the work alone.
 */
void runParts(int threads, int parts, Part part, const void* work);
