// Propagation macros. Statements, never expressions: a statement expression round co_await crashes g++ 12.
#pragma once

#include <utility>

#include "lib/base/result.hpp"

#define TEPUI_JOIN_INNER(a, b) a##b
#define TEPUI_JOIN(a, b) TEPUI_JOIN_INNER(a, b)

/// TEPUI_TRY(expression [, context]): returns the error (wrapped in `context` when given) unless the Result is a
/// success. The context is evaluated only on failure. An expression with a bare template comma needs parentheses.
#define TEPUI_TRY(...) TEPUI_TRY_IMPL(return, TEPUI_JOIN(tepui_result_, __LINE__), __VA_ARGS__)
/// TEPUI_ASSIGN(declaration, expression [, context]): as TEPUI_TRY, then `declaration = value`.
#define TEPUI_ASSIGN(declaration, ...) \
  TEPUI_ASSIGN_IMPL(return, TEPUI_JOIN(tepui_result_, __LINE__), declaration, __VA_ARGS__)
/// The same two inside a coroutine; the expression is usually a `co_await`.
#define TEPUI_CO_TRY(...) TEPUI_TRY_IMPL(co_return, TEPUI_JOIN(tepui_result_, __LINE__), __VA_ARGS__)
#define TEPUI_CO_ASSIGN(declaration, ...) \
  TEPUI_ASSIGN_IMPL(co_return, TEPUI_JOIN(tepui_result_, __LINE__), declaration, __VA_ARGS__)

#define TEPUI_TRY_IMPL(leave, name, expression, ...) \
  auto name = (expression);                          \
  if (!name) leave ::tepui::detail::in_context(name.error() __VA_OPT__(, ) __VA_ARGS__)
#define TEPUI_ASSIGN_IMPL(leave, name, declaration, expression, ...)                     \
  auto name = (expression);                                                              \
  if (!name) leave ::tepui::detail::in_context(name.error() __VA_OPT__(, ) __VA_ARGS__); \
  declaration = std::move(*name)

namespace tepui::detail {
inline Error in_context(const Error& error) { return error; }
inline Error in_context(const Error& error, std::string context, SourceLocation where = SourceLocation::current()) {
  return error.wrap(std::move(context), where);
}
}  // namespace tepui::detail
