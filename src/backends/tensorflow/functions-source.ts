import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * TensorFlow.js's binding runs operations one at a time. This puts functions beside it: many operations that TensorFlow runs by
 * one call (`executeOp` with the function's name). It is compiled in the binding's place, which it includes, and with the
 * compiler's access control off: the binding keeps TensorFlow's context to itself.
 */
const source = `
#include <node_api.h>
#undef NAPI_MODULE
#define NAPI_MODULE(name, initialise)
#include "tfjs_binding.cc"

namespace tfnodejs {

// Definitions of all operations, as a serialised tensorflow.OpList.
static napi_value OperationList(napi_env env, napi_callback_info info) {
  TF_Buffer *list = TF_GetAllOpList();
  napi_value result;
  napi_status nstatus = napi_create_buffer_copy(env, list->length, list->data, nullptr, &result);
  TF_DeleteBuffer(list);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  return result;
}

// What a function of this add-on is called with, which is one value.
static napi_value Argument(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  return argument;
}

// Takes a function, as a serialised tensorflow.FunctionDef in a Uint8Array.
static napi_value AddFunction(napi_env env, napi_callback_info info) {
  size_t length;
  void *bytes;
  const napi_status nstatus = napi_get_typedarray_info(env, Argument(env, info), nullptr, &length, &bytes, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  TF_AutoStatus tf_status;
  TFE_ContextAddFunctionDef(GetTFJSBackend(env)->tfe_context_, static_cast<const char *>(bytes), length,
                            tf_status.status);
  ENSURE_TF_OK_RETVAL(env, tf_status, nullptr);
  return nullptr;
}

// Forgets a function by its name.
static napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  std::string name;
  const napi_status nstatus = GetStringParam(env, Argument(env, info), name);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  TF_AutoStatus tf_status;
  TFE_ContextRemoveFunction(GetTFJSBackend(env)->tfe_context_, name.c_str(), tf_status.status);
  ENSURE_TF_OK_RETVAL(env, tf_status, nullptr);
  return nullptr;
}

static napi_value Initialise(napi_env env, napi_value exports) {
  InitTFNodeJSBinding(env, exports);
  const napi_property_descriptor functions[] = {
    {"operationList", nullptr, OperationList, nullptr, nullptr, nullptr, napi_default, nullptr},
    {"addFunction", nullptr, AddFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
    {"removeFunction", nullptr, RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  const napi_status nstatus = napi_define_properties(env, exports, 3, functions);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, exports);
  return exports;
}

}  // namespace tfnodejs

NAPI_MODULE_INIT() { return tfnodejs::Initialise(env, exports); }
`;

/** Writes the source for the compiler, beside the binding's own. */
export async function writeFunctionsSource(folder: string): Promise<string> {
  const path = join(folder, 'functions.cc');
  await writeFile(path, source);
  return path;
}
