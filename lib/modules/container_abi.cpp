// Every string stays where the view has it; only the arrays of structs are made here.
#include "lib/modules/container_abi.hpp"

#include "tepui/sdk/status.hpp"

namespace tepui::modules {

using sdk::str;

ResourcesAbi::ResourcesAbi(const ResourceAmounts& amounts) {
  for (const auto& [begin, end] : amounts.ports) ports_.push_back({begin, end});
  for (const auto& [name, milli] : amounts.others_milli) others_.push_back({str(name), milli});
  raw_.struct_size = sizeof raw_;
  raw_.cpus_milli = amounts.cpus_milli;
  raw_.mem_bytes = amounts.mem_bytes;
  raw_.disk_bytes = amounts.disk_bytes;
  raw_.gpus_milli = amounts.gpus_milli;
  raw_.ports = ports_.data();
  raw_.ports_count = ports_.size();
  raw_.others = others_.data();
  raw_.others_count = others_.size();
}

ContainerAbi::ContainerAbi(const ContainerView& view) : requests_(view.requests), limits_(view.limits) {
  for (const auto& [key, value] : view.labels) labels_.push_back({str(key), str(value)});
  for (const auto& network : view.networks) networks_.push_back(str(network));
  for (const auto& volume : view.volumes) {
    volumes_.push_back({sizeof(tepui_volume), volume.is_read_only ? 1U : 0U, str(volume.host_path),
                        str(volume.container_path)});
  }
  for (const auto& volume : volumes_) volume_pointers_.push_back(&volume);
  raw_.struct_size = sizeof raw_;
  raw_.container_class = view.is_debug ? TEPUI_CONTAINER_DEBUG : TEPUI_CONTAINER_DEFAULT;
  raw_.id = str(view.id);
  raw_.parent_id = str(view.parent_id);
  raw_.agent_id = str(view.agent_id);
  raw_.framework_id = str(view.framework_id);
  raw_.executor_id = str(view.executor_id);
  raw_.task_id = str(view.task_id);
  raw_.task_name = str(view.task_name);
  raw_.user = str(view.user);
  raw_.uid = view.uid;
  raw_.gid = view.gid;
  raw_.sandbox_fd = view.sandbox_fd;
  raw_.rootfs_fd = view.rootfs_fd;
  raw_.sandbox = str(view.sandbox);
  raw_.rootfs = str(view.rootfs);
  raw_.pid = view.pid;
  raw_.labels_count = static_cast<std::uint32_t>(labels_.size());
  raw_.labels = labels_.data();
  raw_.requests = requests_.raw();
  raw_.limits = limits_.raw();
  raw_.networks = networks_.data();
  raw_.networks_count = networks_.size();
  raw_.volumes = volume_pointers_.data();
  raw_.volumes_count = volume_pointers_.size();
  raw_.image_config = str(view.image_config);
}

}  // namespace tepui::modules
