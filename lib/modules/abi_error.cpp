// A module may leave rubbish in the struct: nothing here trusts its terminating zero or its code.
#include "lib/modules/abi_error.hpp"

#include <algorithm>
#include <string>

#include "tepui/sdk/status.hpp"

namespace tepui::modules {

Error error_from_abi(std::int32_t code, const tepui_error& error) {
  const auto* begin = static_cast<const char*>(error.message);
  std::string message(begin, std::find(begin, begin + sizeof error.message, '\0'));
  if (message.empty()) message = "fail without a message";
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  const bool is_known = code > TEPUI_OK && code <= TEPUI_DATA_LOSS;
  const int sys_errno = error.sys_errno > 0 && error.sys_errno < 4096 ? error.sys_errno : 0;
  return Error(is_known ? static_cast<ErrorCode>(code) : ErrorCode::Internal, std::move(message), sys_errno);
}

std::int32_t write_abi_error(const Result<void>& result, tepui_error* error) noexcept {
  return sdk::guard(error, [&] { return result ? sdk::Status() : sdk::Status(result.error()); });
}

}  // namespace tepui::modules
