# svasim_program_test(NAME script.py [args...] [LABEL quick|long] [PROPERTIES ...]): a Python script
# that runs the svasim program. The system's interpreter: it has what .ci/packages.txt installs.
function(svasim_program_test name script)
  cmake_parse_arguments(ARG "" "LABEL" "PROPERTIES" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL quick)
  endif()
  set(sanitized 0)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    set(sanitized 1)
  endif()
  add_test(NAME "${name}"
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARG_UNPARSED_ARGUMENTS})
  set_tests_properties("${name}" PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600
    ENVIRONMENT "SVASIM=$<TARGET_FILE:svasim>;SVASIM_SANITIZED=${sanitized};\
PYTHONPATH=${CMAKE_SOURCE_DIR}/tests/support"
    ${ARG_PROPERTIES})
endfunction()
