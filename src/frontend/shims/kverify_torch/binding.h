// pybind11 and torch::Library, as far as they name the functions that Python calls. A module's definitions are a
// function that is never called; whoever reads or runs the host code finds the entry points in it.
#pragma once
#pragma GCC system_header
#include "functions.h"

namespace pybind11 {

class object {
public:
  object() = default;
  template <class T> T cast() const { return kverify_torch::unsupported<T>("pybind11::object::cast"); }
  template <class K> object attr(const K&) const { return {}; }
  template <class K> object operator[](const K&) const { return {}; }
  template <class... A> object operator()(A&&...) const { return {}; }
  bool is_none() const { return true; }
};
using handle = object;
struct none : object {};
struct dict : object {};
struct list : object {};
struct tuple : object {};
struct args : object {};
struct kwargs : object {};
struct str : object {
  template <class... A> str(const A&...) {}
};
struct int_ : object {
  template <class... A> int_(const A&...) {}
};
struct bytes : object {};
struct function : object {};
struct capsule : object {
  template <class... A> capsule(A&&...) {}
};
template <class... A> tuple make_tuple(A&&...) { return {}; }

struct arg {
  constexpr explicit arg(const char* name) : name(name) {}
  template <class T> arg operator=(T&&) const { return *this; }
  arg& noconvert(bool = true) { return *this; }
  arg& none(bool = true) { return *this; }
  const char* name;
};
template <class... A> struct init_tag {};
template <class... A> init_tag<A...> init() { return {}; }
template <class F> F init(F&& factory) { return factory; }
template <class T> struct call_guard {};
struct gil_scoped_release {
  gil_scoped_release() {}
};
struct gil_scoped_acquire {
  gil_scoped_acquire() {}
};
enum class return_value_policy { automatic, take_ownership, copy, move, reference, reference_internal };
struct keep_alive_tag {};
template <int, int> struct keep_alive {};
struct error_already_set : std::exception {};
template <class R, class... A> auto overload_cast_of(R (*f)(A...)) { return f; }
template <class... A> struct overload_cast_impl {
  template <class R> constexpr auto operator()(R (*f)(A...)) const { return f; }
};
template <class... A> constexpr overload_cast_impl<A...> overload_cast{};

template <class T, class... Bases> class class_ : public object {
public:
  template <class... A> class_(const object&, const char*, A&&...) {}
  template <class... A> class_& def(A&&...) { return *this; }
  template <class... A> class_& def_static(A&&...) { return *this; }
  template <class... A> class_& def_readwrite(A&&...) { return *this; }
  template <class... A> class_& def_readonly(A&&...) { return *this; }
  template <class... A> class_& def_property_readonly(A&&...) { return *this; }
};
template <class T> class enum_ : public object {
public:
  template <class... A> enum_(const object&, const char*, A&&...) {}
  template <class... A> enum_& value(A&&...) { return *this; }
  enum_& export_values() { return *this; }
};

/// Receives every `m.def("name", &function, …)`.
class module_ : public object {
public:
  template <class F, class... A> module_& def(const char*, F&&, const A&...) { return *this; }
  module_ def_submodule(const char*, const char* = nullptr) { return *this; }
  const char*& doc() {
    static const char* text = nullptr;
    return text;
  }
  static module_ import(const char*) { return {}; }
  template <class T> void add_object(const char*, const T&) {}
};
using module = module_;

template <class T, int = 0> class array_t : public object {
public:
  const T* data() const { return kverify_torch::unsupported<const T*>("pybind11::array_t"); }
  T* mutable_data() { return kverify_torch::unsupported<T*>("pybind11::array_t"); }
  std::int64_t size() const { return kverify_torch::unsupported<std::int64_t>("pybind11::array_t"); }
  std::int64_t shape(int) const { return size(); }
};
namespace literals {
inline arg operator""_a(const char* name, std::size_t) { return arg(name); }
} // namespace literals

} // namespace pybind11
namespace py = pybind11;

#define KVERIFY_MODULE(name, variable)                                                                                 \
  [[maybe_unused]] static void kverify_module_##name(::pybind11::module_& variable)
#define KVERIFY_MODULE_OF(name, variable) KVERIFY_MODULE(name, variable)
#ifndef TORCH_EXTENSION_NAME
#define TORCH_EXTENSION_NAME extension
#endif
#define PYBIND11_MODULE(name, variable, ...) KVERIFY_MODULE_OF(name, variable)

namespace torch {

template <class F> F wrap_pybind_function(F&& function) { return function; }

enum class DispatchKey { CPU, CUDA, CompositeImplicitAutograd, CompositeExplicitAutograd, Autograd, AutogradCUDA, Meta };
constexpr auto kCUDAKey = DispatchKey::CUDA;

/// Receives every `m.def("schema")` and `m.impl("name", &function)`.
class Library {
public:
  template <class... A> Library& def(const A&...) { return *this; }
  template <class... A> Library& impl(const A&...) { return *this; }
  template <class T> class Class {
  public:
    template <class... A> Class& def(const A&...) { return *this; }
    template <class... A> Class& def_pickle(const A&...) { return *this; }
  };
  template <class T> Class<T> class_(const char*) { return {}; }
  template <class... A> Library& set_python_module(const A&...) { return *this; }
};
template <class F> F schema(F&& text) { return text; }
template <class K, class F> F dispatch(K, F&& function) { return function; }

} // namespace torch

#define TORCH_LIBRARY(ns, m) [[maybe_unused]] static void kverify_library_##ns(torch::Library& m)
#define KVERIFY_LIBRARY_PART(kind, line, ns, m)                                                                        \
  [[maybe_unused]] static void kverify_library_##kind##_##ns##_##line(torch::Library& m)
#define KVERIFY_LIBRARY_PART_OF(kind, line, ns, m) KVERIFY_LIBRARY_PART(kind, line, ns, m)
#define TORCH_LIBRARY_FRAGMENT(ns, m) KVERIFY_LIBRARY_PART_OF(fragment, __LINE__, ns, m)
#define TORCH_LIBRARY_IMPL(ns, key, m) KVERIFY_LIBRARY_PART_OF(impl_##key, __LINE__, ns, m)
#define TORCH_FN(function) (&function)
#define TORCH_SELECTIVE_NAME(name) name
