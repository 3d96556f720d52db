// The module that Node.js loads: which instruction sets there are, and the kernels of one of them, on WebAssembly's memory.
//
// A kernel is called without arguments: the caller writes them to an array of doubles that both sides share, which takes a
// fifth of the time that Node-API needs to hand them over one by one.
#include <node_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernel.h"
#include "pool.h"

#if defined(__x86_64__)
extern const Kernel kernels_avx512[];
extern const Kernel kernels_avx2[];
extern const Kernel kernels_sse4[];
#elif defined(__aarch64__)
extern const Kernel kernels_neon[];
#else
#error "Native kernels are written for x86-64 and 64-bit ARM."
#endif

namespace {

constexpr int MOST_SETS = 3;

/** Those that this processor has, best first; null after the last. */
const InstructionSet* instructionSets(InstructionSet (&sets)[MOST_SETS + 1]) {
  int count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (avx512) sets[count++] = {"avx512", kernels_avx512};
  if (__builtin_cpu_supports("avx2")) sets[count++] = {"avx2", kernels_avx2};
  sets[count++] = {"sse4", kernels_sse4};
#else
  sets[count++] = {"neon", kernels_neon};
#endif
  sets[count] = {nullptr, nullptr};
  return sets;
}

/** An opened set: its kernels share memory and arguments. A process opens one or two, and keeps them. */
struct Instance {
  State state;
  double* arguments;
  /** Keeps the memory's buffer as long as kernels may use it. */
  napi_ref buffer;
};

/** What the function that runs a kernel knows. */
struct Binding {
  Instance* instance;
  const Kernel* kernel;
};

/** Throws what the refusal says, with the kernel's name. */
void throwRefusal(napi_env env, const Kernel& kernel, const State& state) {
  const Refusal& why = state.refusal;
  char what[64];
  if (why.argument != nullptr) {
    std::snprintf(what, sizeof what, "%s: %s", kernel.name, why.argument);
  } else {
    std::snprintf(what, sizeof what, "%s: argument %d", kernel.name, why.place + 1);
  }
  char message[256];
  if (std::strcmp(why.reason, "outside") == 0) {
    std::snprintf(message, sizeof message, "%s takes %.0f bytes at address %.0f, beyond the end of the memory, %.0f.", what,
                  why.bytes, why.value, state.heapBytes);
  } else if (std::strcmp(why.reason, "misaligned") == 0) {
    std::snprintf(message, sizeof message, "%s is at %.0f or in steps that are no multiple of 4 bytes.", what, why.value);
  } else if (std::strcmp(why.reason, "index") == 0) {
    std::snprintf(message, sizeof message, "%s has %.0f, which is not an index below %.0f.", what, why.value, why.bytes);
  } else if (std::strcmp(why.reason, "overlap") == 0) {
    std::snprintf(message, sizeof message, "%s, at address %.0f, overlaps indices or what they were to lead to.", what,
                  why.value);
  } else if (std::strcmp(why.reason, "scratch") == 0) {
    std::snprintf(message, sizeof message, "%s: %.0f bytes of working memory could not be had.", kernel.name, why.bytes);
  } else {
    std::snprintf(message, sizeof message, "%s is %g, which is no %s.", what, why.value, why.reason);
  }
  napi_throw_range_error(env, nullptr, message);
}

napi_value runKernel(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const Binding* binding = (const Binding*)data;
  State& state = binding->instance->state;
  binding->kernel->run(state, binding->instance->arguments);
  if (state.refusal.reason != nullptr) {
    throwRefusal(env, *binding->kernel, state);
    state.refusal = {};
  }
  return nullptr;
}

/** use(buffer): the WebAssembly memory's buffer, which is another after each growth. */
napi_value useBuffer(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  std::size_t count = 1;
  napi_value buffer;
  napi_get_cb_info(env, info, &count, &buffer, nullptr, &data);
  Instance* instance = (Instance*)data;
  void* heap = nullptr;
  std::size_t bytes = 0;
  if (count < 1 || napi_get_arraybuffer_info(env, buffer, &heap, &bytes) != napi_ok) {
    napi_throw_type_error(env, nullptr, "use(buffer) takes an ArrayBuffer.");
    return nullptr;
  }
  if (instance->buffer != nullptr) napi_delete_reference(env, instance->buffer);
  instance->buffer = nullptr;
  napi_create_reference(env, buffer, 1, &instance->buffer);
  instance->state.heap = (std::uint8_t*)heap;
  instance->state.heapBytes = (double)bytes;
  return nullptr;
}

napi_value functionOf(napi_env env, const char* name, napi_callback callback, void* data) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  return function;
}

/** { run, arity } */
napi_value kernelOf(napi_env env, Instance* instance, const Kernel* kernel) {
  Binding* binding = (Binding*)std::malloc(sizeof(Binding));
  *binding = {instance, kernel};
  napi_value both, arity;
  napi_create_object(env, &both);
  napi_create_int32(env, kernel->arity, &arity);
  napi_set_named_property(env, both, "run", functionOf(env, kernel->name, runKernel, binding));
  napi_set_named_property(env, both, "arity", arity);
  return both;
}

/** An array of MOST_ARGUMENTS numbers, which lasts. */
napi_value argumentsOf(napi_env env, Instance* instance) {
  napi_value buffer, numbers;
  void* data = nullptr;
  napi_ref forever;
  napi_create_arraybuffer(env, MOST_ARGUMENTS * sizeof(double), &data, &buffer);
  napi_create_reference(env, buffer, 1, &forever);
  napi_create_typedarray(env, napi_float64_array, MOST_ARGUMENTS, buffer, 0, &numbers);
  instance->arguments = (double*)data;
  return numbers;
}

/** open(name): { use, arguments, kernels }, the kernels by name. */
napi_value openSet(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value argument;
  char name[16] = "";
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count == 1) napi_get_value_string_utf8(env, argument, name, sizeof name, nullptr);
  InstructionSet sets[MOST_SETS + 1];
  const InstructionSet* set = instructionSets(sets);
  while (set->name != nullptr && std::strcmp(set->name, name) != 0) set++;
  if (set->name == nullptr) {
    napi_throw_range_error(env, nullptr, "open(name) takes one of instructionSets().");
    return nullptr;
  }
  Instance* instance = (Instance*)std::calloc(1, sizeof(Instance));
  napi_value opened, kernels;
  napi_create_object(env, &opened);
  napi_create_object(env, &kernels);
  for (const Kernel* kernel = set->kernels; kernel->name != nullptr; kernel++)
    napi_set_named_property(env, kernels, kernel->name, kernelOf(env, instance, kernel));
  napi_set_named_property(env, opened, "use", functionOf(env, "use", useBuffer, instance));
  napi_set_named_property(env, opened, "arguments", argumentsOf(env, instance));
  napi_set_named_property(env, opened, "kernels", kernels);
  return opened;
}

/** useThreads(threads, work): see pool.h. */
napi_value useThreadsOf(napi_env env, napi_callback_info info) {
  std::size_t count = 2;
  napi_value arguments[2];
  std::int32_t threads;
  double work;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count < 2 || napi_get_value_int32(env, arguments[0], &threads) != napi_ok ||
      napi_get_value_double(env, arguments[1], &work) != napi_ok) {
    napi_throw_type_error(env, nullptr, "useThreads(threads, work) takes two numbers.");
    return nullptr;
  }
  useThreads(threads, work);
  return nullptr;
}

/** instructionSets(): names, best first. */
napi_value namesOfSets(napi_env env, napi_callback_info) {
  InstructionSet sets[MOST_SETS + 1];
  napi_value names;
  napi_create_array(env, &names);
  std::uint32_t i = 0;
  for (const InstructionSet* set = instructionSets(sets); set->name != nullptr; set++) {
    napi_value name;
    napi_create_string_utf8(env, set->name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, i++, name);
  }
  return names;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_set_named_property(env, exports, "instructionSets", functionOf(env, "instructionSets", namesOfSets, nullptr));
  napi_set_named_property(env, exports, "useThreads", functionOf(env, "useThreads", useThreadsOf, nullptr));
  napi_set_named_property(env, exports, "open", functionOf(env, "open", openSet, nullptr));
  return exports;
}
