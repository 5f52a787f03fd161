// Attributes: reading and writing the text form.
#include "lib/model/attributes.hpp"

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/model/resources_text.hpp"
#include "lib/model/text_pieces.hpp"

namespace tepui {
namespace {

Result<AttributeValue> parse_attribute_value(std::string_view text) {
  if (!text.empty() && (text.front() == '[' || text.front() == '{')) {
    TEPUI_ASSIGN(ResourceValue value, parse_value(text));
    if (auto* ranges = std::get_if<Ranges>(&value)) return AttributeValue(std::move(*ranges));
    return AttributeValue(std::move(std::get<ItemSet>(value)));
  }
  if (auto scalar = Scalar::parse(text)) return AttributeValue(*scalar);
  return AttributeValue(std::string(text));
}

}  // namespace

Result<std::vector<Attribute>> parse_attributes(std::string_view text) {
  std::vector<Attribute> attributes;
  for (const std::string_view piece : split_text(text, ';')) {
    if (piece.empty()) continue;
    const auto colon = piece.find(':');
    const std::string_view name = trim_text(piece.substr(0, colon));
    const std::string_view value = colon == std::string_view::npos ? "" : trim_text(piece.substr(colon + 1));
    if (name.empty() || value.empty()) {
      return Error(ErrorCode::InvalidArgument, fmt::format("read attribute '{}': expected NAME:VALUE", piece));
    }
    TEPUI_ASSIGN(AttributeValue parsed, parse_attribute_value(value), fmt::format("read attribute '{}'", piece));
    attributes.push_back({std::string(name), std::move(parsed)});
  }
  return attributes;
}

std::string format_attributes(const std::vector<Attribute>& attributes) {
  std::string text;
  for (const Attribute& attribute : attributes) {
    if (!text.empty()) text += ';';
    text += attribute.name + ':';
    if (const auto* words = std::get_if<std::string>(&attribute.value)) {
      text += *words;
    } else if (const auto* scalar = std::get_if<Scalar>(&attribute.value)) {
      text += scalar->format();
    } else if (const auto* ranges = std::get_if<Ranges>(&attribute.value)) {
      text += ranges->format();
    } else {
      text += format_value(std::get<ItemSet>(attribute.value));
    }
  }
  return text;
}

}  // namespace tepui
