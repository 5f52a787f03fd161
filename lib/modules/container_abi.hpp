// ContainerView and ResourceAmounts as the C structs of the door. The result borrows from the view it was made of.
#pragma once

#include <vector>

#include "lib/modules/container_view.hpp"
#include "tepui/abi/draft/types.h"

namespace tepui::modules {

/// Keeps the arrays of a tepui_resources. Neither copied nor moved: `raw` points into it.
class ResourcesAbi {
 public:
  explicit ResourcesAbi(const ResourceAmounts& amounts);
  ResourcesAbi(const ResourcesAbi&) = delete;
  ResourcesAbi& operator=(const ResourcesAbi&) = delete;
  ~ResourcesAbi() = default;
  [[nodiscard]] const tepui_resources* raw() const { return &raw_; }

 private:
  std::vector<tepui_range> ports_;
  std::vector<tepui_named_amount> others_;
  tepui_resources raw_ = {};
};

/// Keeps the arrays of a tepui_container. `view` must live as long.
class ContainerAbi {
 public:
  explicit ContainerAbi(const ContainerView& view);
  ContainerAbi(const ContainerAbi&) = delete;
  ContainerAbi& operator=(const ContainerAbi&) = delete;
  ~ContainerAbi() = default;
  [[nodiscard]] const tepui_container* raw() const { return &raw_; }

 private:
  ResourcesAbi requests_;
  ResourcesAbi limits_;
  std::vector<tepui_label> labels_;
  std::vector<tepui_str> networks_;
  std::vector<tepui_volume> volumes_;
  std::vector<const tepui_volume*> volume_pointers_;
  tepui_container raw_ = {};
};

}  // namespace tepui::modules
