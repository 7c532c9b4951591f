#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect::anthropic {

/// What came to light while a request was read, beside what it says.
struct Findings {
  std::vector<std::string> hints;     ///< For chat::Request::hints; each once.
  std::vector<std::string> own_only;  ///< For chat::Request::own_only.
  std::optional<Refusal> problem;     ///< The first one.

  void hint(std::string_view name);
  void only_here(std::string name) { own_only.push_back(std::move(name)); }
  void wrong(std::string_view param, std::string_view what);
};

/// `cache_control` of a block or tool.
chat::CacheMark read_cache_mark(simdjson::dom::element block);

/// Reads the content of messages and of what stands in them: one text, or a list of blocks.
class BlockReader {
 public:
  /// `path`: where the content stands, as this dialect's own errors say it: `messages.3.content`.
  BlockReader(std::string path, Findings& findings) : path_(std::move(path)), findings_(findings) {}

  std::vector<chat::Part> read(simdjson::dom::element content);

 private:
  using Element = simdjson::dom::element;
  struct Kind {
    std::string_view type;
    void (BlockReader::*read)(Element);
  };
  static const Kind kinds[];

  void read_block(Element);
  void text(Element);
  void image(Element);
  void document(Element);
  void search_result(Element);
  void tool_reference(Element);
  void thinking(Element);
  void redacted_thinking(Element);
  void tool_use(Element);
  void tool_result(Element);
  void compaction(Element);
  void container_upload(Element);
  /// What the provider's own tools left in the history: nobody else can use it.
  void server_block(Element);

  std::optional<chat::Media> media(Element block, chat::Media::Kind);
  std::optional<chat::Media> document_of_content(Element source);
  std::string here(std::string_view member = {}) const;

  std::string path_;
  Findings& findings_;
  std::size_t block_ = 0;
  std::vector<chat::Part> out_;
};

}  // namespace routerone::dialect::anthropic
