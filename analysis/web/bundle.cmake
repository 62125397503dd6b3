# cmake -DSOURCE=analysis/web -DOUT=DIR -DNPM=npm -DNODE=node -P bundle.cmake
# Fetches what package-lock.json names and bundles it into OUT/charts.js. Where the registry cannot be
# reached the file is empty: reports then have static charts, and the build goes on.
file(GLOB sources ${SOURCE}/*.js ${SOURCE}/*.mjs ${SOURCE}/*.json ${SOURCE}/.npmrc)
file(COPY ${sources} DESTINATION ${OUT})

function(give_up reason)
  message("svasim: ${reason}; reports will have static charts.\n"
          "svasim: to try again: rm ${OUT}/charts.js")
  file(WRITE ${OUT}/charts.sha256 "")
  file(WRITE ${OUT}/charts.js "")
endfunction()

file(SHA256 ${SOURCE}/package-lock.json lock)
set(installed "")
if(EXISTS ${OUT}/installed)
  file(READ ${OUT}/installed installed)
endif()
if(NOT installed STREQUAL lock)
  execute_process(COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${OUT}
    RESULT_VARIABLE status OUTPUT_FILE ${OUT}/npm.log ERROR_FILE ${OUT}/npm.log TIMEOUT 300)
  if(NOT status EQUAL 0)
    give_up("npm could not fetch the chart library (log: ${OUT}/npm.log)")
    return()
  endif()
  file(WRITE ${OUT}/installed ${lock})
endif()
execute_process(COMMAND ${NODE} bundle.mjs ${OUT} WORKING_DIRECTORY ${OUT}
  RESULT_VARIABLE status ERROR_VARIABLE problem TIMEOUT 300)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${problem}")
endif()
