// Result: a value or an Error. The only way a fallible function of ours reports.
#pragma once

#include <boost/system/result.hpp>

#include "lib/base/error.hpp"

namespace tepui {

/// `if (!r) return r.error();` or the macros of try.hpp. `value()` on a failure throws: use `*r` after the check.
template <class T>
using Result = boost::system::result<T, Error>;

/// The success of a Result<void>: `return ok();`
inline Result<void> ok() { return {}; }

}  // namespace tepui
