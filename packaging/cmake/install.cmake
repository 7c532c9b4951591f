# What belongs to the programs, where the system looks for it (Debian's places; GNUInstallDirs for the
# rest). The programs install themselves: folders.cmake.
include(GNUInstallDirs)

file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.[1-8])
foreach(page IN LISTS pages)
  string(REGEX REPLACE ".*\\.([1-8])$" "\\1" section ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(FILES completions/routerone.bash RENAME routerone
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_routerone DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES completions/routerone.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# Not below CMAKE_INSTALL_LIBDIR, which names the architecture.
install(FILES packaging/systemd/routeroned.service packaging/systemd/routeroned.socket
        DESTINATION lib/systemd/user)
