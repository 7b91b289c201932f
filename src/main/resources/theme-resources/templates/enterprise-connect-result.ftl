<#import "template.ftl" as layout>
<#import "enterprise-connect-parts.ftl" as parts>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectResult." + outcome + ".title")}
  <#elseif section = "form">
    <div id="enterprise-connect-result" data-outcome="${outcome}" role="${succeeded?then("status", "alert")}">
      <p>${msg("enterpriseConnectResult." + outcome + ".text")}</p>
    </div>
    <@parts.verification/>
  </#if>
</@layout.registrationLayout>
