#include "app/help_pages.h"

#include <fmt/format.h>

#include <algorithm>

namespace svasim::app {
namespace {

// Text for troff: no escapes of ours, no line that begins like a request, dashes as typed.
std::string troff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string synopsis(const std::string& path, const command_help& c) {
  std::string out = fmt::format("\\fB{}\\fR", troff(path));
  if (!c.commands.empty()) return out + " \\fICOMMAND\\fR ...";
  if (!c.options.empty()) out += " [\\fIOPTIONS\\fR]";
  for (const option_help& o : c.options) {
    if (!o.positional) continue;
    out += fmt::format(o.required ? " \\fI{}\\fR" : " [\\fI{}\\fR]", troff(o.names.front()));
  }
  return out;
}

std::string option_entry(const option_help& o) {
  std::string names;
  for (const std::string& n : o.names) {
    names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", troff(n));
  }
  if (!o.value.empty()) names += fmt::format(" \\fI{}\\fR", troff(o.value));
  std::string text = troff(o.text);
  if (!o.choices.empty()) text += troff(fmt::format(" (one of {})", fmt::join(o.choices, ", ")));
  if (!o.standard.empty()) text += troff(fmt::format(" [{}]", o.standard));
  return fmt::format(".TP\n{}\n{}\n", names, text);
}

std::string literal(const std::string& text) {
  const std::size_t from = text.find_first_not_of('\n');
  if (from == std::string::npos) return {};
  return fmt::format(".PP\n.nf\n{}\n.fi\n", troff(text.substr(from)));
}

void add_sections(const std::string& path, const command_help& c, std::string& out) {
  for (const command_help& sub : c.commands) {
    const std::string own = path + " " + sub.name;
    out += fmt::format(".SS {}\n{}\n", synopsis(own, sub), troff(sub.text));
    for (const option_help& o : sub.options) {
      if (o.names.back() != "--help") out += option_entry(o);
    }
    out += literal(sub.footer);
    add_sections(own, sub, out);
  }
}

// --- bash ---------------------------------------------------------------------------------------

struct completion_parts {
  std::string paths;    // patterns of "path/command"
  std::string words;    // a case for each path: its commands and options
  std::string choices;  // a case for each option with choices
  std::string values;   // patterns of "path --option" that take a value
};

void add_pattern(std::string& to, const std::string& pattern) {
  to += fmt::format("{}'{}'", to.empty() ? "" : "|", pattern);
}

void add_command(const std::string& path, const command_help& c, completion_parts& parts) {
  std::string commands;
  std::string options;
  for (const command_help& sub : c.commands) {
    commands += (commands.empty() ? "" : " ") + sub.name;
    add_pattern(parts.paths, path + "/" + sub.name);
    add_command(path + "/" + sub.name, sub, parts);
  }
  for (const option_help& o : c.options) {
    if (o.positional) {
      if (!o.choices.empty()) commands = fmt::format("{}", fmt::join(o.choices, " "));
      continue;
    }
    for (const std::string& n : o.names) {
      options += (options.empty() ? "" : " ") + n;
      if (!o.choices.empty()) {
        parts.choices += fmt::format(
            "    '{} {}')\n      mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")\n"
            "      return\n      ;;\n",
            path, n, fmt::join(o.choices, " "));
      } else if (!o.value.empty()) {
        add_pattern(parts.values, path + " " + n);
      }
    }
  }
  parts.words += fmt::format("    '{}') commands='{}' options='{}' ;;\n", path, commands, options);
}

}  // namespace

std::string man_page(const command_help& program, const std::string& version) {
  const std::size_t colon = program.text.find(": ");
  const std::string what =
      colon == std::string::npos ? program.text : program.text.substr(colon + 2);
  std::string out = fmt::format(
      ".TH SVASIM 1 \"\" \"svasim {}\" \"User Commands\"\n.SH NAME\nsvasim \\- simulate Shared "
      "Virtual Addressing on Arm servers\n.SH SYNOPSIS\n{}\n.SH DESCRIPTION\nsvasim is {}",
      version, synopsis(program.name, program), troff(what));
  for (const option_help& o : program.options) out += option_entry(o);
  out += literal(program.footer);
  out += ".SH COMMANDS\n";
  add_sections(program.name, program, out);
  return out;
}

std::string bash_completion(const command_help& program) {
  completion_parts parts;
  add_command("", program, parts);
  std::string out =
      "# Completion of svasim for bash, made by: svasim completion bash\n"
      "_svasim() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local at='' word commands='' options=''\n"
      "  COMPREPLY=()\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $at/$word in\n";
  out += fmt::format("      {}) at=$at/$word ;;\n    esac\n  done\n", parts.paths);
  out += "  case \"$at $prev\" in\n" + parts.choices;
  // File names come from `-o default`, where there is no reply.
  if (!parts.values.empty()) out += fmt::format("    {}) return ;;\n", parts.values);
  out += "  esac\n  case $at in\n" + parts.words;
  out +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
      "  elif [[ -n $commands ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\")\n"
      "  fi\n"
      "}\n"
      "complete -o bashdefault -o default -F _svasim svasim\n";
  return out;
}

}  // namespace svasim::app
