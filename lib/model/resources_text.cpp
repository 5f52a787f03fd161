// The text form of resources, read piece by piece so that an error names its piece.
#include "lib/model/resources_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/model/roles.hpp"
#include "lib/model/text_pieces.hpp"

namespace tepui {
namespace {

Result<ItemSet> parse_set(std::string_view text) {
  if (text.size() < 2 || text.back() != '}') {
    return Error(ErrorCode::InvalidArgument, fmt::format("read set '{}': expected {{ITEM,…}}", text));
  }
  ItemSet items;
  const std::string_view inside = trim_text(text.substr(1, text.size() - 2));
  if (inside.empty()) return items;
  for (const std::string_view item : split_text(inside, ',')) {
    if (item.empty()) return Error(ErrorCode::InvalidArgument, fmt::format("read set '{}': an item is empty", text));
    items.emplace(item);
  }
  return items;
}

Result<Resource> parse_piece(std::string_view piece, std::string_view default_role) {
  const auto colon = piece.find(':');
  if (colon == std::string_view::npos) {
    return Error(ErrorCode::InvalidArgument, "expected NAME:VALUE");
  }
  std::string_view name = trim_text(piece.substr(0, colon));
  std::string_view role = default_role;
  if (const auto open = name.find('('); open != std::string_view::npos) {
    if (name.back() != ')') return Error(ErrorCode::InvalidArgument, "expected NAME(ROLE):VALUE");
    role = trim_text(name.substr(open + 1, name.size() - open - 2));
    name = trim_text(name.substr(0, open));
    TEPUI_TRY(check_role(role));
  }
  if (name.empty()) return Error(ErrorCode::InvalidArgument, "expected NAME:VALUE, the name is empty");
  Resource resource;
  resource.identity.name = std::string(name);
  resource.identity.reservation_role = std::string(role);
  TEPUI_ASSIGN(resource.value, parse_value(piece.substr(colon + 1)));
  const auto known = known_kind(name);
  if (known && *known != kind_of(resource.value)) {
    return Error(ErrorCode::InvalidArgument, fmt::format("'{}' is {}, not {}", name, value_kind_name(*known),
                                                         value_kind_name(kind_of(resource.value))));
  }
  return resource;
}

}  // namespace

Result<ResourceValue> parse_value(std::string_view text) {
  text = trim_text(text);
  if (!text.empty() && text.front() == '[') {
    TEPUI_ASSIGN(Ranges ranges, Ranges::parse(text));
    return ResourceValue(std::move(ranges));
  }
  if (!text.empty() && text.front() == '{') {
    TEPUI_ASSIGN(ItemSet items, parse_set(text));
    return ResourceValue(std::move(items));
  }
  TEPUI_ASSIGN(const Scalar scalar, Scalar::parse(text));
  return ResourceValue(scalar);
}

Result<Resources> parse_resources(std::string_view text, std::string_view default_role) {
  Resources resources;
  std::map<std::string, ValueKind> kinds;
  for (const std::string_view piece : split_text(text, ';')) {
    if (piece.empty()) continue;
    TEPUI_ASSIGN(const Resource resource, parse_piece(piece, default_role),
                 fmt::format("read resource '{}'", piece));
    const ValueKind kind = kind_of(resource.value);
    const auto first = kinds.emplace(resource.identity.name, kind).first->second;
    if (first != kind) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("read resource '{}': '{}' was {} before", piece, resource.identity.name,
                               value_kind_name(first)));
    }
    resources.add(resource);
  }
  return resources;
}

std::string format_value(const ResourceValue& value) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) return scalar->format();
  if (const auto* ranges = std::get_if<Ranges>(&value)) return ranges->format();
  std::string text = "{";
  for (const std::string& item : std::get<ItemSet>(value)) {
    if (text.size() > 1) text += ',';
    text += item;
  }
  return text + "}";
}

std::string format_resources(const Resources& resources) {
  std::string text;
  for (const auto& [identity, value] : resources.entries()) {
    if (!text.empty()) text += ';';
    text += identity.name;
    if (identity.reservation_role != kUnreserved) text += fmt::format("({})", identity.reservation_role);
    text += ':' + format_value(value);
  }
  return text;
}

}  // namespace tepui
