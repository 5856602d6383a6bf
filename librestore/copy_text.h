// Fields of rows in COPY's text format, as far as belay must look into them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belay::restore {

// The fields of one row (with or without its newline), unescaped; nothing for NULL.
std::vector<std::optional<std::string>> copy_fields(std::string_view row);

// Text of an array of text values, as a parameter of type text[].
std::string text_array(const std::vector<std::string>& values);

}  // namespace belay::restore
