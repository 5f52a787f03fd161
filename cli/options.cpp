// The options that many verbs share, and how their JSON is printed: see verb.hpp.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/verb.hpp"

namespace tepui::cli {
namespace {

namespace json = boost::json;

void append_indented(std::string& out, const json::value& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2 + 2, ' ');
  const std::string outer(static_cast<std::size_t>(depth) * 2, ' ');
  const auto append_members = [&](char open, char close, const auto& members, const auto& append_member) {
    if (members.empty()) {
      out += {open, close};
      return;
    }
    out += open;
    bool is_first = true;
    for (const auto& member : members) {
      out += is_first ? "\n" : ",\n";
      is_first = false;
      out += indent;
      append_member(member);
    }
    out += '\n' + outer;
    out += close;
  };
  if (value.is_object()) {
    append_members('{', '}', value.get_object(), [&](const auto& member) {
      out += json::serialize(json::value(json::string(member.key()))) + ": ";
      append_indented(out, member.value(), depth + 1);
    });
  } else if (value.is_array()) {
    append_members('[', ']', value.get_array(), [&](const json::value& element) { append_indented(out, element, depth + 1); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

void add_output_option(CLI::App& verb, Settings& settings) {
  const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::Table}, {"json", OutputFormat::Json}};
  verb.add_option("-o,--output", settings.output, "table or json (TEPUI_OUTPUT)")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->type_name("FORMAT");
}

void add_cluster_options(CLI::App& verb, Settings& settings) {
  verb.add_option_function<std::string>(
          "--master",
          [&settings](const std::string& master) {
            settings.master = master;
            settings.is_master_given = true;
          },
          "the master's HOST:PORT (TEPUI_MASTER; 127.0.0.1:5050)")
      ->type_name("HOST:PORT");
  add_output_option(verb, settings);
}

void print_json(const std::string& compact_json) {
  std::string text;
  append_indented(text, json::parse(compact_json), 0);
  fmt::print("{}\n", text);
}

}  // namespace tepui::cli
