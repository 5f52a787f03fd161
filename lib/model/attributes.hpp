// Attributes: what an operator says about an agent, `rack:a1;cores:[0-7];zones:{x,y};weight:1.5`.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/model/resources.hpp"

namespace tepui {

/// Text, or one of a resource's kinds.
using AttributeValue = std::variant<std::string, Scalar, Ranges, ItemSet>;

struct Attribute {
  std::string name;
  AttributeValue value;
  bool operator==(const Attribute&) const = default;
};

/// Order is kept and duplicates are allowed. '[' starts ranges, '{' a set, a number is a scalar, the rest is text.
/// Errors: InvalidArgument naming the piece (no colon, empty name, malformed ranges or set).
Result<std::vector<Attribute>> parse_attributes(std::string_view text);
std::string format_attributes(const std::vector<Attribute>& attributes);

}  // namespace tepui
