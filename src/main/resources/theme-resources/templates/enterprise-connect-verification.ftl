<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectVerification." + result + ".title")}
  <#elseif section = "form">
    <div id="enterprise-connect-verified" data-result="${result}"<#if why??> data-why="${why}"</#if> role="${(result == "failed")?then("alert", "status")}">
      <p>${msg("enterpriseConnectVerification." + result + ".text", mailbox!"")}</p>
      <#if why?? && result == "failed">
        <p class="pf-v5-u-mt-sm">${msg("enterpriseConnectVerificationWhy." + why)}</p>
      </#if>
      <#if detail??>
        <p class="pf-v5-u-mt-sm">${msg("enterpriseConnectVerificationDetail", detail)}</p>
      </#if>
    </div>
    <@parts.verification/>
  </#if>
</@layout.registrationLayout>
