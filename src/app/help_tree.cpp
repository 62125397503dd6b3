#include "app/help_tree.h"

#include <CLI/CLI.hpp>

namespace svasim::app {
namespace {

// "TEXT:{local,slurm}" says which values are legal.
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t open = type.find(":{");
  if (open == std::string::npos || type.back() != '}') return {};
  return CLI::detail::split(type.substr(open + 2, type.size() - open - 3), ',');
}

option_help help_of(const CLI::Option& o) {
  option_help out;
  out.positional = o.get_positional();
  out.required = o.get_required();
  out.text = o.get_description();
  out.standard = o.get_default_str();
  if (out.positional) {
    out.names.push_back(o.get_single_name());
  } else {
    for (const std::string& n : o.get_snames()) out.names.push_back("-" + n);
    for (const std::string& n : o.get_lnames()) out.names.push_back("--" + n);
  }
  const std::string type = o.get_type_name();
  out.choices = choices_in(type);
  if (!out.positional && o.get_items_expected_max() != 0) {
    out.value = out.choices.empty() ? type.substr(0, type.find(':')) : "WORD";
  }
  return out;
}

}  // namespace

command_help help_of(const CLI::App& app) {
  command_help out;
  out.name = app.get_name();
  out.text = app.get_description();
  out.footer = app.get_footer();
  for (const CLI::Option* o : app.get_options()) out.options.push_back(help_of(*o));
  for (const CLI::App* sub : app.get_subcommands({})) out.commands.push_back(help_of(*sub));
  return out;
}

}  // namespace svasim::app
