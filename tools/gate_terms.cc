#include "tools/gate_terms.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"

namespace belay::tools {
namespace {

using migrate::GateDecision;
using nlohmann::ordered_json;

std::string_view to_word(GateDecision::Answer answer) {
  constexpr std::array<std::string_view, 5> kWords = {"use", "take", "take-readable", "refuse",
                                                      "off"};
  return kWords.at(static_cast<std::size_t>(answer));
}

std::string answer_text(const migrate::Evaluation& evaluation) {
  const migrate::Candidate* archive = evaluation.relied_on();
  switch (evaluation.decision.answer) {
    case GateDecision::Answer::use:
      return fmt::format("open: migrate would rely on {}", archive->path.native());
    case GateDecision::Answer::take:
      return "open: migrate would take a snapshot, and restore it to prove it";
    case GateDecision::Answer::take_readable:
      return fmt::format(
          "open: migrate would take a snapshot and read it back; {} shows that its like restores",
          archive->path.native());
    case GateDecision::Answer::off:
      return "off: migrate would rely on nothing";
    case GateDecision::Answer::refuse:
      break;
  }
  return "closed";
}

}  // namespace

migrate::GateTerms gate_terms(const Command& command, const migrate::ToolCommand* tool,
                              const std::optional<migrate::AlembicProject>& project,
                              Context& context) {
  using Target = migrate::GateTerms::Target;
  migrate::GateTerms terms;
  terms.mode = static_cast<migrate::GateMode>(command.choice(Option::gate));
  terms.max_age = command.duration(Option::migrate_max_age);
  terms.named = command.given(Option::archive);
  terms.target_confirmed = command.on(Option::target_confirmed);
  const bool shown = project && project->database.target;
  terms.target = tool == nullptr ? Target::no_command : shown ? Target::shown : Target::not_shown;
  terms.volatile_file_system = context.environment.files.volatile_kind(command.text(Option::repo));
  terms.volatile_accepted = command.on(Option::accept_volatile);
  return terms;
}

void check_resolved(const migrate::GateTerms& terms, Context& context) {
  const migrate::Check check = migrate::check_target(terms);
  if (check.stops) {
    throw Error(check.kind, "the command's database is not known")
        .cause(check.text)
        .next(check.next);
  }
  if (check.finding == migrate::Finding::warn) context.output.warning(check.text);
}

ordered_json gate_object(const migrate::Evaluation& evaluation) {
  const GateDecision& decision = evaluation.decision;
  ordered_json object;
  object["answer"] = to_word(decision.answer);
  object["archive"] = decision.about ? evaluation.candidates.at(*decision.about).path.native() : "";
  object["writes"] =
      decision.writes ? ordered_json(migrate::to_word(*decision.writes)) : ordered_json(nullptr);
  object["checks"] = ordered_json::array();
  for (const migrate::Check& check : decision.checks) {
    object["checks"].push_back({{"id", fmt::format("F{}", static_cast<int>(check.id))},
                                {"name", migrate::to_word(check.id)},
                                {"verdict", migrate::to_word(check.finding)},
                                {"text", check.text}});
  }
  object["unreliable"] = decision.unreliable;
  return object;
}

void print(const migrate::Evaluation& evaluation, Output& output) {
  const GateDecision& decision = evaluation.decision;
  if (decision.about) {
    output.line(
        fmt::format("archive: {}", evaluation.candidates.at(*decision.about).path.native()));
  }
  std::vector<std::vector<std::string>> rows;
  for (const migrate::Check& check : decision.checks) {
    rows.push_back({fmt::format("F{}", static_cast<int>(check.id)),
                    std::string(migrate::to_word(check.id)),
                    std::string(migrate::to_word(check.finding)), printable(check.text)});
  }
  output.table(rows);
  for (const std::string& line : decision.unreliable) output.warning(line);
  output.line(answer_text(evaluation));
}

}  // namespace belay::tools
