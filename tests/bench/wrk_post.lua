-- wrk -s wrk_post.lua URL -- BODY_BYTES PROVIDER [KEY]
function init(args)
  local size = tonumber(args[1]) or 2048
  local head = '{"model":"' .. (args[2] or "bench") .. '/m","messages":[{"role":"user","content":"'
  local tail = '"}]}'
  wrk.method = "POST"
  wrk.body = head .. string.rep("x", math.max(0, size - #head - #tail)) .. tail
  wrk.headers["Content-Type"] = "application/json"
  if args[3] and args[3] ~= "" then wrk.headers["Authorization"] = "Bearer " .. args[3] end
end
function done(summary, latency, requests)
  io.write(string.format("n=%d errors=%d p50_us=%d p99_us=%d\n", summary.requests,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write,
    latency:percentile(50), latency:percentile(99)))
end
